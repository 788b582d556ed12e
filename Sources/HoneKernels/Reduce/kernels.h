// The table of reduction kernels that each instruction set fills.
#ifndef HONE_REDUCE_KERNELS_H
#define HONE_REDUCE_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/reduce.h"

typedef struct hone_reduce_kernels {
    /// The reduction of one stretch.
    double (*stretch[HONE_REDUCTION_COUNT])(const float *x, size_t n);
    /// out[r] = the reduction of row r of x [rows, length].
    void (*rows[HONE_REDUCTION_COUNT])(const float *x, size_t rows, size_t length, float *out, bool accumulate);
    /// out[c] = the reduction of x[:, c] for `width` columns of a matrix with `length` rows, `stride` apart.
    void (*columns[HONE_REDUCTION_COUNT])(const float *x, size_t length, size_t stride, size_t width, double *out);
    /// The same, straight to floats.
    void (*columns_to_float[HONE_REDUCTION_COUNT])(const float *x, size_t length, size_t stride, size_t width,
                                                   float *out, bool accumulate);
    double (*sum)(const float *x, size_t n);
    double (*sum_squares)(const float *x, size_t n);
    double (*dot)(const float *a, const float *b, size_t n);
    bool (*all_finite)(const float *x, size_t n);
    void (*arg_rows)(bool largest, const float *x, size_t rows, size_t length, int32_t *out);
    void (*arg_columns)(bool largest, const float *x, size_t length, size_t stride, size_t width, int32_t *out);
    void (*softmax)(bool logarithm, const float *x, float *y, size_t rows, size_t columns);
    void (*softmax_backward)(bool logarithm, const float *y, const float *dy, float *dx, size_t rows, size_t columns,
                             bool accumulate);
} hone_reduce_kernels;

HONE_DECLARE_TABLES(hone_reduce_kernels, hone_reduce)

#endif
