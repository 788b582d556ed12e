// All element-wise kernels of one instruction set, and their table.
#include "kernels.h"
#include "unary.template.h"
#include "activation.template.h"
#include "binary.template.h"

static void axpy(float alpha, const float *x, float *y, size_t n) {
    HONE_LOOP(n, { HONE_STORE(y, v_fma(v_splat(alpha), HONE_LOAD(x), HONE_LOAD(y))); });
}

static void scale(float alpha, float *y, size_t n) {
    HONE_LOOP(n, { HONE_STORE(y, alpha * HONE_LOAD(y)); });
}

static void fill(float value, float *y, size_t n) {
    HONE_LOOP(n, { HONE_STORE(y, v_splat(value)); });
}

static void multiply_add(const float *a, const float *b, float *out, size_t n) {
    HONE_LOOP(n, { HONE_STORE(out, v_fma(HONE_LOAD(a), HONE_LOAD(b), HONE_LOAD(out))); });
}

static void clamp(const float *x, float low, float high, float *y, size_t n) {
    HONE_LOOP(n, { HONE_STORE(y, v_within(HONE_LOAD(x), v_splat(low), v_splat(high))); });
}

static void clamp_backward(const float *x, float low, float high, const float *dy, float *dx, size_t n,
                           bool accumulate) {
    HONE_LOOP(n, {
        vf v = HONE_LOAD(x);
        vf g = ((v >= low) & (v <= high)) ? HONE_LOAD(dy) : v_splat(0.0f);
        HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + g : g);
    });
}

static void choose(const int32_t *condition, const float *a, const float *b, float *out, size_t n) {
    HONE_LOOP(n, { HONE_STORE(out, HONE_LOAD_INT(condition) != 0 ? HONE_LOAD(a) : HONE_LOAD(b)); });
}

static void to_float(const int32_t *x, float *y, size_t n) {
    HONE_LOOP(n, { HONE_STORE(y, __builtin_convertvector(HONE_LOAD_INT(x), vf)); });
}

/// What does not fit becomes the nearest integer that does, and NaN becomes 0.
static void to_int32(const float *x, int32_t *y, size_t n) {
    HONE_LOOP(n, {
        vf v = HONE_LOAD(x);
        vi fits = (v >= -0x1p31f) & (v < 0x1p31f);
        vi beyond = v >= 0x1p31f ? vi_splat(INT32_MAX) : (v < -0x1p31f ? vi_splat(INT32_MIN) : vi_splat(0));
        vi whole = __builtin_convertvector(fits ? v : v_splat(0.0f), vi);
        HONE_STORE_INT(y, fits ? whole : beyond);
    });
}

#define HONE_THREE(name) {name##_both, name##_a, name##_b}

const hone_elementwise_kernels HONE_VARIANT(hone_elementwise) = {
    .unary = {neg_forward, exp_forward, expm1_forward, log_forward, log1p_forward, sqrt_forward, rsqrt_forward,
              square_forward, reciprocal_forward, abs_forward, sign_forward, sin_forward, cos_forward, tanh_forward,
              sigmoid_forward, erf_forward, relu_forward, gelu_forward, gelu_tanh_forward, silu_forward,
              softplus_forward, floor_forward, round_forward},
    .unary_backward = {neg_backward, exp_backward, expm1_backward, log_backward, log1p_backward, sqrt_backward,
                       rsqrt_backward, square_backward, reciprocal_backward, abs_backward, flat_backward, sin_backward,
                       cos_backward, tanh_backward, sigmoid_backward, erf_backward, relu_backward, sloped_backward,
                       sloped_backward, sloped_backward, softplus_backward, flat_backward, flat_backward},
    .unary_with_slope = {gelu_with_slope, gelu_tanh_with_slope, silu_with_slope},
    .activation = {leaky_relu_forward, elu_forward, selu_forward, softplus_of_forward, mish_forward, hardswish_forward,
                   hardsigmoid_forward, relu6_forward},
    .activation_backward = {leaky_relu_backward, elu_backward, selu_backward, softplus_of_backward, mish_backward,
                            hardswish_backward, hardsigmoid_backward, relu6_backward},
    .binary = {HONE_THREE(add), HONE_THREE(sub), HONE_THREE(mul), HONE_THREE(div), HONE_THREE(pow),
               HONE_THREE(maximum), HONE_THREE(minimum), HONE_THREE(less), HONE_THREE(less_equal),
               HONE_THREE(greater), HONE_THREE(greater_equal), HONE_THREE(equal), HONE_THREE(not_equal)},
    .axpy = axpy,
    .scale = scale,
    .fill = fill,
    .multiply_add = multiply_add,
    .clamp = clamp,
    .clamp_backward = clamp_backward,
    .select = choose,
    .to_float = to_float,
    .to_int32 = to_int32,
};
