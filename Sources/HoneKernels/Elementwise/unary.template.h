// Element-wise functions of one array and their gradients.
#include "../VectorMath/loops.h"
#include "../VectorMath/special.h"
#include "../VectorMath/trigonometric.h"

#define HONE_UNARY(name, formula)                                              \
    static void name##_forward(const float *source, float *target, size_t n) { \
        HONE_LOOP(n, {                                                         \
            vf x = HONE_LOAD(source);                                          \
            HONE_STORE(target, formula);                                       \
        });                                                                    \
    }

HONE_UNARY(neg, -x)
HONE_UNARY(exp, v_exp(x))
HONE_UNARY(expm1, v_expm1(x))
HONE_UNARY(log, v_log(x))
HONE_UNARY(log1p, v_log1p(x))
HONE_UNARY(sqrt, v_sqrt(x))
HONE_UNARY(rsqrt, 1.0f / v_sqrt(x))
HONE_UNARY(square, x * x)
HONE_UNARY(reciprocal, 1.0f / x)
HONE_UNARY(abs, v_abs(x))
HONE_UNARY(sign, x > 0.0f ? v_splat(1.0f) : (x < 0.0f ? v_splat(-1.0f) : v_splat(0.0f)))
HONE_UNARY(sin, v_sin(x))
HONE_UNARY(cos, v_cos(x))
HONE_UNARY(tanh, v_tanh(x))
HONE_UNARY(sigmoid, v_sigmoid(x))
HONE_UNARY(erf, v_erf(x))
HONE_UNARY(relu, v_larger(v_splat(0.0f), x))
HONE_UNARY(gelu, v_gelu(x).value)
HONE_UNARY(gelu_tanh, v_gelu_tanh(x).value)
HONE_UNARY(silu, v_silu(x).value)
HONE_UNARY(softplus, v_softplus(x))
HONE_UNARY(floor, v_floor(x))
HONE_UNARY(round, v_round(x))

#define HONE_UNARY_WITH_SLOPE(name)                                                                   \
    static void name##_with_slope(const float *source, float *target, float *slopes, size_t n) { \
        HONE_LOOP(n, {                                                                           \
            sloped y = v_##name(HONE_LOAD(source));                                              \
            HONE_STORE(target, y.value);                                                         \
            HONE_STORE(slopes, y.slope);                                                         \
        });                                                                                      \
    }

HONE_UNARY_WITH_SLOPE(gelu)
HONE_UNARY_WITH_SLOPE(gelu_tanh)
HONE_UNARY_WITH_SLOPE(silu)

/// `s` is the vector saved by the forward pass, `g` the incoming gradient.
#define HONE_UNARY_BACKWARD(name, formula)                                                                   \
    static void name##_backward(const float *saved, const float *dy, float *dx, size_t n, bool accumulate) { \
        if (accumulate) {                                                                                    \
            HONE_LOOP(n, {                                                                                   \
                vf s = HONE_LOAD(saved);                                                                     \
                vf g = HONE_LOAD(dy);                                                                        \
                vf slope = formula;                                                                          \
                HONE_STORE(dx, HONE_LOAD(dx) + slope);                                                       \
            });                                                                                              \
        } else {                                                                                             \
            HONE_LOOP(n, {                                                                                   \
                vf s = HONE_LOAD(saved);                                                                     \
                vf g = HONE_LOAD(dy);                                                                        \
                HONE_STORE(dx, formula);                                                                     \
            });                                                                                              \
        }                                                                                                    \
    }

HONE_UNARY_BACKWARD(exp, g * s)
HONE_UNARY_BACKWARD(expm1, g * (s + 1.0f))
HONE_UNARY_BACKWARD(log, g / s)
HONE_UNARY_BACKWARD(log1p, g / (s + 1.0f))
HONE_UNARY_BACKWARD(sqrt, g * 0.5f / s)
HONE_UNARY_BACKWARD(rsqrt, g * (s * s * s * -0.5f))
HONE_UNARY_BACKWARD(square, g * (s + s))
HONE_UNARY_BACKWARD(reciprocal, -g * (s * s))
HONE_UNARY_BACKWARD(abs, s > 0.0f ? g : (s < 0.0f ? -g : v_splat(0.0f)))
HONE_UNARY_BACKWARD(sin, g * v_cos(s))
HONE_UNARY_BACKWARD(cos, -g * v_sin(s))
HONE_UNARY_BACKWARD(tanh, g * (1.0f - s * s))
HONE_UNARY_BACKWARD(sigmoid, g * (s * (1.0f - s)))
HONE_UNARY_BACKWARD(erf, g * (v_exp(-s * s) * 0x1.20dd76p+0f))  // 2 / sqrt(pi)
HONE_UNARY_BACKWARD(relu, s <= 0.0f ? v_splat(0.0f) : g)
HONE_UNARY_BACKWARD(sloped, g * s)
HONE_UNARY_BACKWARD(softplus, g * v_sigmoid(s))

static void neg_backward(const float *saved, const float *dy, float *dx, size_t n, bool accumulate) {
    (void)saved;
    if (accumulate) {
        HONE_LOOP(n, { HONE_STORE(dx, HONE_LOAD(dx) - HONE_LOAD(dy)); });
    } else {
        HONE_LOOP(n, { HONE_STORE(dx, -HONE_LOAD(dy)); });
    }
}

static void flat_backward(const float *saved, const float *dy, float *dx, size_t n, bool accumulate) {
    (void)saved;
    (void)dy;
    if (!accumulate) {
        memset(dx, 0, n * sizeof *dx);
    }
}
