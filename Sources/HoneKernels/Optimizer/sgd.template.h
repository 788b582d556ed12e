// Gradient descent, with momentum and without.

HONE_RULE(sgd_plain) {
    HONE_RULE_ARRAYS
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_STORE(p, v_fma(v_splat(-c.rate), gradient, parameter));
    });
}

#define HONE_SGD(name, new_momentum, direction)                           \
    HONE_RULE(name) {                                                     \
        HONE_RULE_ARRAYS                                                  \
        float *buffer = arrays->first + from;                             \
        HONE_LOOP(n, {                                                    \
            HONE_DECAYED                                                  \
            vf b = without_subnormals(new_momentum);                      \
            HONE_STORE(buffer, b);                                        \
            HONE_STORE(p, v_fma(v_splat(-c.rate), direction, parameter)); \
        });                                                               \
    }
#define HONE_NEXT_MOMENTUM v_fma(v_splat(c.momentum), HONE_LOAD(buffer), c.undamped * gradient)
#define HONE_LOOK_AHEAD v_fma(v_splat(c.momentum), b, gradient)
HONE_SGD(sgd_first, gradient, b)
HONE_SGD(sgd_first_nesterov, gradient, HONE_LOOK_AHEAD)
HONE_SGD(sgd_momentum, HONE_NEXT_MOMENTUM, b)
HONE_SGD(sgd_nesterov, HONE_NEXT_MOMENTUM, HONE_LOOK_AHEAD)
