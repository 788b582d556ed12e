// Prodigy in two halves: between them, one number of all parameters is made of the sums of the first.

HONE_RULE(prodigy_measure) {
    const hone_rule_constants c = *constants;
    const float *p = arrays->p + from, *g = arrays->g + from, *start = arrays->start + from;
    float *m = arrays->first + from, *v = arrays->second + from, *s = arrays->third + from;
    vd product = (vd)(0.0), size = (vd)(0.0);
    HONE_LOOP(n, {
        vf parameter = HONE_LOAD(p);
        vf gradient = v_fma(v_splat(c.input.decay), parameter, c.input.gain * HONE_LOAD(g));
        HONE_STORE(m, without_subnormals(v_fma(v_splat(c.beta1), HONE_LOAD(m), c.rest1 * gradient)));
        HONE_STORE(v, v_fma(v_splat(c.beta2), HONE_LOAD(v), c.rest2 * (gradient * gradient)));
        vf sum = without_subnormals(v_fma(v_splat(c.beta3), HONE_LOAD(s), c.direct * gradient));
        HONE_STORE(s, sum);
        product = vd_fma(v_widen(gradient), v_widen(HONE_LOAD(start) - parameter), product);
        size += v_widen(v_abs(sum));
    });
    double totals[2] = {0.0, 0.0};
    for (int lane = 0; lane < HONE_LANES; lane++) {
        totals[0] += product[lane];
        totals[1] += size[lane];
    }
    arrays->sums[0] = totals[0];
    arrays->sums[1] = totals[1];
}

HONE_RULE(normalized) {
    const hone_rule_constants c = *constants;
    float *p = arrays->p + from;
    const float *m = arrays->first + from, *v = arrays->second + from;
    HONE_LOOP(n, {
        vf along = HONE_LOAD(m) / (v_sqrt(HONE_LOAD(v)) + c.epsilon);
        HONE_STORE(p, v_fma(v_splat(-c.rate), along, c.input.shrink * HONE_LOAD(p)));
    });
}
