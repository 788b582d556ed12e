// Normalisation of rows, as layer, RMS and group normalisation use it.
#ifndef HONE_LAYER_NORM_H
#define HONE_LAYER_NORM_H

#include "cuts.h"
#include "kernels.h"

/// One call, forward or backward.
typedef struct hone_rows_job {
    hone_norm_rows rows;
    const float *x;
    // Forward.
    float *y, *mean_out, *rstd_out;
    // Backward. dgamma and dbeta have groups * length / repeat elements.
    const float *mean, *rstd, *dy;
    float *dx, *dgamma, *dbeta;
    bool accumulate, accumulate_parameters;
    size_t repeat;  // neighbouring columns that share a parameter
    // Filled in by the call.
    const hone_normalization_kernels *kernels;
    size_t pieces;
    double *partial;
} hone_rows_job;

void hone_rows_forward(hone_isa isa, hone_rows_job *j);
void hone_rows_backward(hone_isa isa, hone_rows_job *j);

#endif
