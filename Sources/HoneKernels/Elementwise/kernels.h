// The table of element-wise kernels that each instruction set fills.
#ifndef HONE_ELEMENTWISE_KERNELS_H
#define HONE_ELEMENTWISE_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/elementwise.h"

typedef void (*hone_unary_kernel)(const float *x, float *y, size_t n);
typedef void (*hone_unary_backward_kernel)(const float *saved, const float *dy, float *dx, size_t n, bool accumulate);

typedef void (*hone_activation_kernel)(const float *x, float a, float b, float *y, size_t n);
typedef void (*hone_activation_backward_kernel)(const float *x, float a, float b, const float *dy, float *dx, size_t n,
                                                bool accumulate);

/// out[r, c] = op(a[r * a_step (+ c)], b[r * b_step (+ c)]); which operand moves along c is the kernel's kind.
typedef void (*hone_binary_kernel)(const float *a, size_t a_step, const float *b, size_t b_step, float *out,
                                   size_t rows, size_t columns);

enum { HONE_BOTH_MOVE = 0, HONE_A_MOVES, HONE_B_MOVES, HONE_KINDS };

typedef struct hone_elementwise_kernels {
    hone_unary_kernel unary[HONE_UNARY_COUNT];
    hone_unary_backward_kernel unary_backward[HONE_UNARY_COUNT];
    void (*unary_with_slope[HONE_SILU - HONE_GELU + 1])(const float *x, float *y, float *slopes, size_t n);
    hone_activation_kernel activation[HONE_ACTIVATION_COUNT];
    hone_activation_backward_kernel activation_backward[HONE_ACTIVATION_COUNT];
    hone_binary_kernel binary[HONE_BINARY_COUNT][HONE_KINDS];
    void (*axpy)(float alpha, const float *x, float *y, size_t n);
    void (*scale)(float alpha, float *y, size_t n);
    void (*fill)(float value, float *y, size_t n);
    void (*multiply_add)(const float *a, const float *b, float *out, size_t n);
    void (*clamp)(const float *x, float low, float high, float *y, size_t n);
    void (*clamp_backward)(const float *x, float low, float high, const float *dy, float *dx, size_t n,
                           bool accumulate);
    void (*select)(const int32_t *condition, const float *a, const float *b, float *out, size_t n);
    void (*to_float)(const int32_t *x, float *y, size_t n);
    void (*to_int32)(const float *x, int32_t *y, size_t n);
} hone_elementwise_kernels;

HONE_DECLARE_TABLES(hone_elementwise_kernels, hone_elementwise)

#endif
