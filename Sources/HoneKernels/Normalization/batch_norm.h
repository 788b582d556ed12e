// What the two ways of batch normalisation share: by planes (batch_norm.c) and by columns (column_norm.c).
#ifndef HONE_BATCH_NORM_H
#define HONE_BATCH_NORM_H

#include "cuts.h"
#include "kernels.h"

/// One call, forward or backward.
typedef struct batch_job {
    const hone_normalization_kernels *kernels;
    hone_batch_norm b;
    bool training;
    const float *x, *gamma, *beta;
    const float *mean, *rstd;  // of the batch or the running ones
    // Forward.
    float *y, *mean_out, *rstd_out;
    double momentum;
    float *running_mean, *running_var;
    // Backward.
    const float *dy;
    float *dx, *dgamma, *dbeta;
    bool accumulate, accumulate_parameters, needs_sums;
    // Pieces that the images are cut into, what each channel of each has come to, and what sums of squares are about.
    size_t pieces;
    hone_two_sums *sums;
    float *shifts;
} batch_job;

/// The map that a channel's elements go through, from its mean and rstd.
hone_affine hone_batch_affine(const batch_job *j, size_t channel);

/// Notes a channel's mean, and its rstd from the sum of squared deviations, and moves the running ones.
void hone_batch_statistics(const batch_job *j, size_t channel, double mean, double deviations);

/// How a channel's dx comes from dy and x, from the sums of g and g * (x - mean).
hone_gradient hone_batch_gradient(const batch_job *j, size_t channel, hone_two_sums sums);

/// Hands out the channel's dgamma and dbeta.
void hone_batch_parameters(const batch_job *j, size_t channel, hone_two_sums sums);

void hone_column_norm_forward(batch_job *j);
void hone_column_norm_backward(batch_job *j);

#endif
