// Reductions. Sums are made in an order fixed by the sizes alone, never by the number of threads.
#ifndef HONE_REDUCE_H
#define HONE_REDUCE_H

#include "isa.h"

typedef enum hone_reduction : int {
    HONE_REDUCE_SUM = 0,
    HONE_REDUCE_MAX,  // NaN wins
    HONE_REDUCE_MIN,  // NaN wins
    HONE_REDUCE_PROD,
    HONE_REDUCE_SUM_SQUARES,
    HONE_REDUCE_SUM_ABS,
    HONE_REDUCTION_COUNT,
} hone_reduction;

/// out[o, i] = the reduction of x[o, :, i] over `length`; x is [outer, length, inner], contiguous.
/// Adds to out when `accumulate` (sums only). An empty sum is 0, an empty product 1, an empty max -inf, min +inf.
void hone_reduce(hone_isa isa, hone_reduction op, const float *x, size_t outer, size_t length, size_t inner, float *out,
                 bool accumulate);

/// The index along `length` of the largest (or smallest) element of x[o, :, i], the first of equals; a NaN wins.
void hone_arg_extreme(hone_isa isa, bool largest, const float *x, size_t outer, size_t length, size_t inner, int32_t *out);

/// Sums in double precision over a whole array: the sum, the sum of squares, and whether every element is finite.
double hone_sum(hone_isa isa, const float *x, size_t n);
double hone_sum_squares(hone_isa isa, const float *x, size_t n);
double hone_dot(hone_isa isa, const float *a, const float *b, size_t n);
bool hone_all_finite(hone_isa isa, const float *x, size_t n);

/// y = softmax (or its logarithm) of each row of x [rows, columns]; x may be y.
void hone_softmax(hone_isa isa, bool logarithm, const float *x, float *y, size_t rows, size_t columns);

/// dx from y (the forward's output) and dy, for softmax or log-softmax over rows.
void hone_softmax_backward(hone_isa isa, bool logarithm, const float *y, const float *dy, float *dx, size_t rows,
                           size_t columns, bool accumulate);

#endif
