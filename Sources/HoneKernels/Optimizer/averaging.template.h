// Rules that keep a second copy of the weights.

#define HONE_SCHEDULE_FREE(name, prepare, direction)                                             \
    HONE_RULE(name) {                                                                            \
        HONE_RULE_ARRAYS                                                                         \
        float *z = arrays->first + from;                                                         \
        HONE_LOOP(n, {                                                                           \
            HONE_DECAYED                                                                         \
            prepare                                                                              \
            /* `momentum` is the decay that no normalisation divides. */                         \
            vf along = v_fma(v_splat(c.momentum), parameter, direction);                         \
            vf base = HONE_LOAD(z);                                                              \
            vf moved = v_fma(v_splat(c.toward), base - parameter, parameter);                    \
            HONE_STORE(p, v_fma(v_splat(-c.rate), along, moved));                                \
            HONE_STORE(z, v_fma(v_splat(-c.other_rate), along, base));                           \
        });                                                                                      \
    }
#define HONE_SIZE                                                                        \
    float *v = arrays->second + from;                                                    \
    vf second = v_fma(v_splat(c.beta2), HONE_LOAD(v), c.rest2 * (gradient * gradient));  \
    HONE_STORE(v, second);
HONE_SCHEDULE_FREE(schedule_free, , gradient)
HONE_SCHEDULE_FREE(schedule_free_adaptive, HONE_SIZE,
                   gradient / v_fma(v_sqrt(second), v_splat(c.root), v_splat(c.epsilon)))

HONE_RULE(move_toward) {
    HONE_RULE_ARRAYS
    HONE_LOOP(n, {
        vf parameter = HONE_LOAD(p);
        HONE_STORE(p, v_fma(v_splat(c.toward), HONE_LOAD(g) - parameter, parameter));
    });
}
