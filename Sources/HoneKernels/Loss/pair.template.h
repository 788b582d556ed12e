// Losses of two arrays, element by element, and their gradients.
#include "../VectorMath/exponential.h"
#include "../VectorMath/loops.h"

HONE_INLINE vf v_sign_of(vf x) { return x > 0.0f ? v_splat(1.0f) : (x < 0.0f ? v_splat(-1.0f) : x); }

/// The logarithm, at least -100.
HONE_INLINE vf v_bounded(vf logarithm) { return v_larger(v_splat(-100.0f), logarithm); }

HONE_INLINE vf v_huber(vf d, vf p) {
    vf a = v_abs(d);
    return a < p ? 0.5f * d * d : p * (a - 0.5f * p);
}

/// The positive part of x, less x y, and log(1 + e^-|x|): nothing here overflows.
HONE_INLINE vf v_logistic_loss(vf x, vf y) {
    return v_larger(v_splat(0.0f), x) - x * y + v_log1p(v_exp(-v_abs(x)));
}

HONE_INLINE vf v_binary_loss(vf x, vf y) {
    vf other = v_bounded(v_log1p(-x));
    return y * (other - v_bounded(v_log(x))) - other;
}

/// Within the loop x and y are the operands and p the parameter, as vectors.
#define HONE_PAIR(name, formula)                                                                    \
    static void name##_pair(const float *xs, const float *ys, float parameter, float *out, size_t n) { \
        const vf p = v_splat(parameter);                                                            \
        (void)p;                                                                                    \
        HONE_LOOP(n, {                                                                              \
            vf x = HONE_LOAD(xs);                                                                   \
            vf y = HONE_LOAD(ys);                                                                   \
            HONE_STORE(out, formula);                                                               \
        });                                                                                         \
    }

HONE_PAIR(absolute, v_abs(x - y))
HONE_PAIR(huber, v_huber(x - y, p))
HONE_PAIR(logistic, v_logistic_loss(x, y))
HONE_PAIR(binary, v_binary_loss(x, y))

#define HONE_PAIR_SLOPE(name, formula)                                                                      \
    static void name##_slope(const float *xs, const float *ys, float parameter, const float *gs, float *dx, \
                             size_t n, bool accumulate) {                                                   \
        const vf p = v_splat(parameter);                                                                    \
        (void)p;                                                                                            \
        HONE_LOOP(n, {                                                                                      \
            vf x = HONE_LOAD(xs);                                                                           \
            vf y = HONE_LOAD(ys);                                                                           \
            (void)y;                                                                                        \
            vf slope = HONE_LOAD(gs) * (formula);                                                           \
            HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + slope : slope);                                     \
        });                                                                                                 \
    }

HONE_PAIR_SLOPE(absolute, v_sign_of(x - y))
HONE_PAIR_SLOPE(huber, v_within(x - y, -p, p))
HONE_PAIR_SLOPE(logistic, v_sigmoid(x) - y)
HONE_PAIR_SLOPE(binary, (x - y) / v_larger(v_splat(1e-12f), x * (1.0f - x)))
HONE_PAIR_SLOPE(absolute_target, v_sign_of(y - x))
HONE_PAIR_SLOPE(huber_target, v_within(y - x, -p, p))
HONE_PAIR_SLOPE(logistic_target, -x)
HONE_PAIR_SLOPE(binary_target, v_bounded(v_log1p(-x)) - v_bounded(v_log(x)))
