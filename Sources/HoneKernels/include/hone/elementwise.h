// Element-wise mathematics on contiguous and broadcast float arrays.
#ifndef HONE_ELEMENTWISE_H
#define HONE_ELEMENTWISE_H

#include "isa.h"

/// The highest rank of a tensor.
#define HONE_MAX_RANK 6

/// y = f(x). The comment says what the backward pass wants: x (the input), y (the output) or the slope.
typedef enum hone_unary_op : int {
    HONE_NEG = 0,
    HONE_EXP,         // y
    HONE_EXPM1,       // y
    HONE_LOG,         // x
    HONE_LOG1P,       // x
    HONE_SQRT,        // y
    HONE_RSQRT,       // y
    HONE_SQUARE,      // x
    HONE_RECIPROCAL,  // y
    HONE_ABS,         // x; gradient 0 at 0
    HONE_SIGN,        // gradient 0
    HONE_SIN,         // x
    HONE_COS,         // x
    HONE_TANH,        // y
    HONE_SIGMOID,     // y
    HONE_ERF,         // x
    HONE_RELU,        // y; NaN stays NaN, gradient 0 at 0
    HONE_GELU,        // slope; exact: x * (1 + erf(x / sqrt 2)) / 2
    HONE_GELU_TANH,   // slope; tanh approximation
    HONE_SILU,        // slope
    HONE_SOFTPLUS,    // x; log(1 + e^x)
    HONE_FLOOR,       // gradient 0
    HONE_ROUND,       // gradient 0; half to even
    HONE_UNARY_COUNT,
} hone_unary_op;

/// y[i] = op(x[i]) for i < n; x may be y.
void hone_unary(hone_isa isa, hone_unary_op op, const float *x, float *y, size_t n);

/// As hone_unary for HONE_GELU, HONE_GELU_TANH and HONE_SILU, and slopes[i] = op'(x[i]), which costs little more than y;
/// slopes may be x.
void hone_unary_with_slope(hone_isa isa, hone_unary_op op, const float *x, float *y, float *slopes, size_t n);

/// dx[i] = dy[i] * op'(.), from `saved`: the forward's x, y or slopes as listed at `hone_unary_op` (NULL where it needs none).
/// Adds to dx when `accumulate`, else overwrites it; dy may be dx when it overwrites.
void hone_unary_backward(hone_isa isa, hone_unary_op op, const float *saved, const float *dy, float *dx, size_t n,
                         bool accumulate);

/// Activations of up to two parameters a and b. The backward pass wants the input x.
typedef enum hone_activation_op : int {
    HONE_LEAKY_RELU = 0,  // x > 0 ? x : a x
    HONE_ELU,             // x > 0 ? x : a (e^(b x) - 1)
    HONE_SELU,            // the constants of Klambauer et al. 2017
    HONE_SOFTPLUS_OF,     // log(1 + e^(a x)) / a; x where a x > b
    HONE_MISH,            // x tanh(log(1 + e^x))
    HONE_HARDSWISH,       // x min(max(x + 3, 0), 6) / 6
    HONE_HARDSIGMOID,     // min(max(x + 3, 0), 6) / 6
    HONE_RELU6,           // min(max(x, 0), 6); gradient 0 at 0 and 6
    HONE_ACTIVATION_COUNT,
} hone_activation_op;

/// y[i] = f(x[i]); x may be y. An operation without parameters does not look at a and b.
void hone_activate(hone_isa isa, hone_activation_op op, const float *x, float a, float b, float *y, size_t n);

/// dx[i] (+)= dy[i] f'(x[i]); dy may be dx when it overwrites.
void hone_activate_backward(hone_isa isa, hone_activation_op op, const float *x, float a, float b, const float *dy,
                            float *dx, size_t n, bool accumulate);

typedef enum hone_binary_op : int {
    HONE_ADD = 0,
    HONE_SUB,
    HONE_MUL,
    HONE_DIV,
    HONE_POW,
    HONE_MAXIMUM,  // NaN if either is
    HONE_MINIMUM,
    HONE_LESS,  // comparisons give 1 or 0
    HONE_LESS_EQUAL,
    HONE_GREATER,
    HONE_GREATER_EQUAL,
    HONE_EQUAL,
    HONE_NOT_EQUAL,
    HONE_BINARY_COUNT,
} hone_binary_op;

/// out = op(a, b) over `shape` [rank]; the strides, in elements, are 0 along an axis where an operand is broadcast.
/// out is contiguous and may be a (or b) where that one is not broadcast. Rank 0 to HONE_MAX_RANK; any axis may be 0.
void hone_binary(hone_isa isa, hone_binary_op op, const float *a, const size_t *a_strides, const float *b,
                 const size_t *b_strides, float *out, const size_t *shape, int rank);

/// y[i] = op(x[i], scalar), or op(scalar, x[i]) when `scalar_first`; x may be y.
void hone_binary_scalar(hone_isa isa, hone_binary_op op, const float *x, float scalar, bool scalar_first, float *y, size_t n);

/// y[i] += alpha * x[i].
void hone_axpy(hone_isa isa, float alpha, const float *x, float *y, size_t n);

/// y[i] *= alpha.
void hone_scale(hone_isa isa, float alpha, float *y, size_t n);

/// y[i] = value.
void hone_fill(hone_isa isa, float value, float *y, size_t n);

/// out[i] += a[i] * b[i].
void hone_multiply_add(hone_isa isa, const float *a, const float *b, float *out, size_t n);

/// y[i] = min(max(x[i], low), high); NaN stays NaN. Backward (dx += dy where low <= x <= high) in the second.
void hone_clamp(hone_isa isa, const float *x, float low, float high, float *y, size_t n);
void hone_clamp_backward(hone_isa isa, const float *x, float low, float high, const float *dy, float *dx, size_t n,
                         bool accumulate);

/// out[i] = condition[i] != 0 ? a[i] : b[i] over contiguous arrays.
void hone_select(hone_isa isa, const int32_t *condition, const float *a, const float *b, float *out, size_t n);

/// Conversions between the two element types; floats are truncated toward zero.
void hone_int32_to_float(hone_isa isa, const int32_t *x, float *y, size_t n);
void hone_float_to_int32(hone_isa isa, const float *x, int32_t *y, size_t n);

#endif
