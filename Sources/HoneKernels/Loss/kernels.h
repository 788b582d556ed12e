// The table of loss kernels that each instruction set fills.
#ifndef HONE_LOSS_KERNELS_H
#define HONE_LOSS_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/loss.h"

/// What the rows of a cross-entropy have in common.
typedef struct hone_rows {
    const int32_t *labels;
    const float *weights;  ///< NULL for all 1.
    int64_t ignore_index;
    size_t classes;
} hone_rows;

typedef struct hone_loss_kernels {
    /// The loss of rows `first ..< last`, in double; adds the weights of those that count to `*count`.
    double (*cross_entropy)(const hone_rows *rows, const float *logits, size_t first, size_t last,
                            float *probabilities, double *count);
    void (*cross_entropy_backward)(const hone_rows *rows, const float *probabilities, float scale, size_t first,
                                   size_t last, float *dx, bool accumulate);
    double (*squared_error)(const float *x, const float *y, size_t n);
    void (*squared_error_backward)(const float *x, const float *y, float scale, float *dx, size_t n, bool accumulate);
    void (*pair[HONE_PAIR_LOSS_COUNT])(const float *x, const float *y, float p, float *out, size_t n);
    /// The slopes by the prediction, then those by the target.
    void (*pair_backward[2][HONE_PAIR_LOSS_COUNT])(const float *x, const float *y, float p, const float *g, float *dx,
                                                   size_t n, bool accumulate);
} hone_loss_kernels;

HONE_DECLARE_TABLES(hone_loss_kernels, hone_loss)

#endif
