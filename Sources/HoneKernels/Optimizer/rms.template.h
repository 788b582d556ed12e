// Gradients divided by a running size of their own: Adagrad, RMSprop, AdaDelta. `beta2` is what is kept of the size,
// `rest2` what is added.

#define HONE_SECOND                                                                     \
    vf second = v_fma(v_splat(c.beta2), HONE_LOAD(v), c.rest2 * (gradient * gradient)); \
    HONE_STORE(v, second);
#define HONE_PLAIN_SIZE vf size = second;
/// Rounding may leave the variance a little below 0.
#define HONE_CENTRED_SIZE                                                                            \
    float *mean = arrays->second + from;                                                             \
    vf average = without_subnormals(v_fma(v_splat(c.beta2), HONE_LOAD(mean), c.rest2 * gradient));   \
    HONE_STORE(mean, average);                                                                       \
    vf size = v_larger(v_splat(0.0f), v_fma(-average, average, second));

#define HONE_RMS(name, make_size, finish)                         \
    HONE_RULE(name) {                                             \
        HONE_RULE_ARRAYS                                          \
        float *v = arrays->first + from;                          \
        HONE_LOOP(n, {                                            \
            HONE_DECAYED                                          \
            HONE_SECOND                                           \
            make_size                                             \
            vf direction = gradient / (v_sqrt(size) + c.epsilon); \
            finish                                                \
        });                                                       \
    }
#define HONE_FINISH(along) HONE_STORE(p, v_fma(v_splat(-c.rate), along, parameter));
#define HONE_BUFFER                                                                                 \
    float *buffer = arrays->third + from;                                                           \
    vf b = without_subnormals(v_fma(v_splat(c.momentum), HONE_LOAD(buffer), direction));            \
    HONE_STORE(buffer, b);
#define HONE_ALONG_AHEAD v_fma(v_splat(c.momentum), b, direction)

HONE_RMS(rms_plain, HONE_PLAIN_SIZE, HONE_FINISH(direction))
HONE_RMS(rms_momentum, HONE_PLAIN_SIZE, HONE_BUFFER HONE_FINISH(b))
HONE_RMS(rms_nesterov, HONE_PLAIN_SIZE, HONE_BUFFER HONE_FINISH(HONE_ALONG_AHEAD))
HONE_RMS(centred_plain, HONE_CENTRED_SIZE, HONE_FINISH(direction))
HONE_RMS(centred_momentum, HONE_CENTRED_SIZE, HONE_BUFFER HONE_FINISH(b))
HONE_RMS(centred_nesterov, HONE_CENTRED_SIZE, HONE_BUFFER HONE_FINISH(HONE_ALONG_AHEAD))

HONE_RULE(adadelta) {
    HONE_RULE_ARRAYS
    float *v = arrays->first + from, *u = arrays->second + from;
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_SECOND
        vf former = HONE_LOAD(u);
        vf direction = v_sqrt(former + c.epsilon) / v_sqrt(second + c.epsilon) * gradient;
        HONE_STORE(u, v_fma(v_splat(c.beta2), former, c.rest2 * (direction * direction)));
        HONE_FINISH(direction)
    });
}
