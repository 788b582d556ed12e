// All optimizer kernels of one instruction set, and their table.
#include "../VectorMath/loops.h"

/// Zero for a subnormal. Where gradients have become 0 for good (dead units), a first moment shrinks step by step until
/// it sticks at a subnormal that no factor can round away, and arithmetic with those is slow on many processors.
HONE_INLINE vf without_subnormals(vf x) { return v_abs(x) < 0x1p-126f ? v_splat(0.0f) : x; }

/// The parameter and the gradient with their decay, whichever of the two it acts on.
#define HONE_DECAYED                                                \
    vf parameter = HONE_LOAD(p);                                    \
    vf gradient = v_fma(v_splat(c.decay), parameter, HONE_LOAD(g)); \
    parameter *= c.shrink;

static void sgd_plain(const hone_sgd_constants *constants, float *p, const float *g, float *buffer, size_t n) {
    (void)buffer;
    const hone_sgd_constants c = *constants;
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_STORE(p, v_fma(v_splat(-c.rate), gradient, parameter));
    });
}

#define HONE_SGD(name, new_momentum, direction)                                                                \
    static void name(const hone_sgd_constants *constants, float *p, const float *g, float *buffer, size_t n) { \
        const hone_sgd_constants c = *constants;                                                               \
        HONE_LOOP(n, {                                                                                         \
            HONE_DECAYED                                                                                       \
            vf b = without_subnormals(new_momentum);                                                           \
            HONE_STORE(buffer, b);                                                                             \
            HONE_STORE(p, v_fma(v_splat(-c.rate), direction, parameter));                                      \
        });                                                                                                    \
    }
#define HONE_NEXT_MOMENTUM v_fma(v_splat(c.momentum), HONE_LOAD(buffer), c.undamped * gradient)
#define HONE_LOOK_AHEAD v_fma(v_splat(c.momentum), b, gradient)
HONE_SGD(sgd_first, gradient, b)
HONE_SGD(sgd_first_nesterov, gradient, HONE_LOOK_AHEAD)
HONE_SGD(sgd_momentum, HONE_NEXT_MOMENTUM, b)
HONE_SGD(sgd_nesterov, HONE_NEXT_MOMENTUM, HONE_LOOK_AHEAD)

#define HONE_MOMENTS                                                                          \
    HONE_DECAYED                                                                              \
    vf first = without_subnormals(v_fma(v_splat(c.beta1), HONE_LOAD(m), c.rest1 * gradient)); \
    vf second = v_fma(v_splat(c.beta2), HONE_LOAD(v), c.rest2 * (gradient * gradient));       \
    HONE_STORE(m, first);                                                                     \
    HONE_STORE(v, second);

#define HONE_ADAM_UPDATE(moment)                                                 \
    vf denominator = v_fma(v_sqrt(moment), v_splat(c.root), v_splat(c.epsilon)); \
    HONE_STORE(p, v_fma(v_splat(-c.rate), first / denominator, parameter));

static void adam(const hone_adam_constants *constants, float *p, const float *g, float *m, float *v, float *max_v,
                 size_t n) {
    (void)max_v;
    const hone_adam_constants c = *constants;
    HONE_LOOP(n, {
        HONE_MOMENTS
        HONE_ADAM_UPDATE(second)
    });
}

static void adam_maximum(const hone_adam_constants *constants, float *p, const float *g, float *m, float *v,
                         float *max_v, size_t n) {
    const hone_adam_constants c = *constants;
    HONE_LOOP(n, {
        HONE_MOMENTS
        vf largest = v_maximum(HONE_LOAD(max_v), second);
        HONE_STORE(max_v, largest);
        HONE_ADAM_UPDATE(largest)
    });
}

const hone_optimizer_kernels HONE_VARIANT(hone_optimizer) = {
    .sgd_plain = sgd_plain,
    .sgd_first = sgd_first,
    .sgd_first_nesterov = sgd_first_nesterov,
    .sgd_momentum = sgd_momentum,
    .sgd_nesterov = sgd_nesterov,
    .adam = adam,
    .adam_maximum = adam_maximum,
};
