// The family of Adam: averages of the gradient and of its size.

#define HONE_FIRST_MOMENT                                                                     \
    vf first = without_subnormals(v_fma(v_splat(c.beta1), HONE_LOAD(m), c.rest1 * gradient)); \
    HONE_STORE(m, first);
#define HONE_MOMENTS                                                                     \
    HONE_FIRST_MOMENT                                                                    \
    vf second = v_fma(v_splat(c.beta2), HONE_LOAD(v), c.rest2 * (gradient * gradient));  \
    HONE_STORE(v, second);

#define HONE_ADAM_UPDATE(moment)                                                 \
    vf denominator = v_fma(v_sqrt(moment), v_splat(c.root), v_splat(c.epsilon)); \
    HONE_STORE(p, v_fma(v_splat(-c.mean), first / denominator, parameter));

HONE_RULE(adam) {
    HONE_RULE_ARRAYS
    float *m = arrays->first + from, *v = arrays->second + from;
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_MOMENTS
        HONE_ADAM_UPDATE(second)
    });
}

HONE_RULE(adam_maximum) {
    HONE_RULE_ARRAYS
    float *m = arrays->first + from, *v = arrays->second + from, *max_v = arrays->third + from;
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_MOMENTS
        vf largest = v_maximum(HONE_LOAD(max_v), second);
        HONE_STORE(max_v, largest);
        HONE_ADAM_UPDATE(largest)
    });
}

/// With shares of the present gradient beside the averages: NAdam, QHAdam.
HONE_RULE(adam_blend) {
    HONE_RULE_ARRAYS
    float *m = arrays->first + from, *v = arrays->second + from;
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_MOMENTS
        vf direction = v_fma(v_splat(c.direct), gradient, c.mean * first);
        vf size = v_fma(v_splat(c.direct_square), gradient * gradient, c.square * second);
        HONE_STORE(p, parameter - direction / (v_sqrt(size) + c.epsilon));
    });
}

HONE_RULE(lamb_direction) {
    const hone_rule_constants c = *constants;
    const float *p = arrays->start + from, *g = arrays->g + from;
    float *m = arrays->first + from, *v = arrays->second + from, *direction = arrays->third + from;
    HONE_LOOP(n, {
        vf gradient = c.input.gain * HONE_LOAD(g);
        HONE_MOMENTS
        vf denominator = v_fma(v_sqrt(second), v_splat(c.root), v_splat(c.epsilon));
        vf step = c.mean * (first / denominator);
        HONE_STORE(direction, v_fma(v_splat(c.input.decay), HONE_LOAD(p), step));
    });
}

HONE_RULE(adamax) {
    HONE_RULE_ARRAYS
    float *m = arrays->first + from, *u = arrays->second + from;
    HONE_LOOP(n, {
        HONE_DECAYED
        HONE_FIRST_MOMENT
        vf size = v_maximum(c.beta2 * HONE_LOAD(u), v_abs(gradient) + c.epsilon);
        HONE_STORE(u, size);
        HONE_STORE(p, v_fma(v_splat(-c.rate), first / size, parameter));
    });
}

HONE_RULE(lion) {
    HONE_RULE_ARRAYS
    float *m = arrays->first + from;
    HONE_LOOP(n, {
        HONE_DECAYED
        vf former = HONE_LOAD(m);
        vf blend = v_fma(v_splat(c.beta1), former, c.rest1 * gradient);
        // Zero and NaN are their own signs.
        vf sign = blend > 0.0f ? v_splat(1.0f) : (blend < 0.0f ? v_splat(-1.0f) : blend);
        HONE_STORE(m, without_subnormals(v_fma(v_splat(c.beta2), former, c.rest2 * gradient)));
        HONE_STORE(p, v_fma(v_splat(-c.rate), sign, parameter));
    });
}
