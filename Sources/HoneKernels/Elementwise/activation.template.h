// Activations with parameters a and b, and those that are no single function of the libraries, with their gradients.
#include "../VectorMath/loops.h"
#include "../VectorMath/special.h"

#define V_SELU_SCALE 0x1.0cfabep+0f  // 1.0507009873554805
#define V_SELU_LEAST 0x1.c212ccp+0f  // the scale times 1.6732632423543772

/// x tanh(log(1 + e^x)): with e = e^x the factor is n / (n + 2), n = e (e + 2), and 1 from 20 on.
HONE_INLINE vf v_mish(vf x) {
    vf e = v_exp(v_smaller(v_splat(20.0f), x));
    vf n = e * (e + 2.0f);
    return x * (n / (n + 2.0f));
}

HONE_INLINE vf v_mish_slope(vf x) {
    vf e = v_exp(v_smaller(v_splat(20.0f), x));
    vf n = e * (e + 2.0f);
    vf whole = n + 2.0f;
    vf bend = 4.0f * e * (e + 1.0f) / (whole * whole);
    return v_fma(x, x < 20.0f ? bend : v_splat(0.0f), n / whole);
}

HONE_INLINE vf v_softplus_of(vf x, vf a, vf b) {
    vf scaled = a * x;
    return scaled > b ? x : v_softplus(scaled) / a;
}

/// Within the loop x is the input, a and b the parameters, all as vectors.
#define HONE_ACTIVATION(name, formula)                                                               \
    static void name##_forward(const float *source, float pa, float pb, float *target, size_t size) { \
        const vf a = v_splat(pa), b = v_splat(pb);                                                   \
        (void)a;                                                                                     \
        (void)b;                                                                                     \
        HONE_LOOP(size, {                                                                            \
            vf x = HONE_LOAD(source);                                                                \
            HONE_STORE(target, formula);                                                             \
        });                                                                                          \
    }

HONE_ACTIVATION(leaky_relu, x > 0.0f ? x : a * x)
HONE_ACTIVATION(elu, x > 0.0f ? x : a * v_expm1(b * x))
HONE_ACTIVATION(selu, x > 0.0f ? V_SELU_SCALE * x : V_SELU_LEAST * v_expm1(x))
HONE_ACTIVATION(softplus_of, v_softplus_of(x, a, b))
HONE_ACTIVATION(mish, v_mish(x))
HONE_ACTIVATION(hardswish, x * v_within(x + 3.0f, v_splat(0.0f), v_splat(6.0f)) / 6.0f)
HONE_ACTIVATION(hardsigmoid, v_within(x + 3.0f, v_splat(0.0f), v_splat(6.0f)) / 6.0f)
HONE_ACTIVATION(relu6, v_within(x, v_splat(0.0f), v_splat(6.0f)))

/// As HONE_ACTIVATION, with the incoming gradient g.
#define HONE_ACTIVATION_BACKWARD(name, formula)                                                                     \
    static void name##_backward(const float *source, float pa, float pb, const float *dy, float *dx, size_t size,   \
                                bool accumulate) {                                                                  \
        const vf a = v_splat(pa), b = v_splat(pb);                                                                  \
        (void)a;                                                                                                    \
        (void)b;                                                                                                    \
        if (accumulate) {                                                                                           \
            HONE_LOOP(size, {                                                                                       \
                vf x = HONE_LOAD(source);                                                                           \
                vf g = HONE_LOAD(dy);                                                                               \
                vf slope = formula;                                                                                 \
                HONE_STORE(dx, HONE_LOAD(dx) + slope);                                                              \
            });                                                                                                     \
        } else {                                                                                                    \
            HONE_LOOP(size, {                                                                                       \
                vf x = HONE_LOAD(source);                                                                           \
                vf g = HONE_LOAD(dy);                                                                               \
                HONE_STORE(dx, formula);                                                                            \
            });                                                                                                     \
        }                                                                                                           \
    }

#define HONE_INSIDE(x, low, high) (((x) > (low)) & ((x) < (high)))

HONE_ACTIVATION_BACKWARD(leaky_relu, x > 0.0f ? g : a * g)
HONE_ACTIVATION_BACKWARD(elu, x > 0.0f ? g : g * (a * b * v_exp(b * x)))
HONE_ACTIVATION_BACKWARD(selu, x > 0.0f ? V_SELU_SCALE * g : g * (V_SELU_LEAST * v_exp(x)))
HONE_ACTIVATION_BACKWARD(softplus_of, a * x > b ? g : g * v_sigmoid(a * x))
HONE_ACTIVATION_BACKWARD(mish, g * v_mish_slope(x))
HONE_ACTIVATION_BACKWARD(hardswish, x <= -3.0f ? v_splat(0.0f) : (x < 3.0f ? g * (x / 3.0f + 0.5f) : g))
HONE_ACTIVATION_BACKWARD(hardsigmoid, HONE_INSIDE(x, -3.0f, 3.0f) ? g / 6.0f : v_splat(0.0f))
HONE_ACTIVATION_BACKWARD(relu6, HONE_INSIDE(x, 0.0f, 6.0f) ? g : v_splat(0.0f))
