// Adafactor: one row of a matrix whose second moment is a product of rows and columns, and what has no such factors.

static void factored(const float *g, float row, const float *column, float least, float *direction, size_t n) {
    HONE_LOOP(n, {
        vf size = v_larger(v_splat(least), row * HONE_LOAD(column));
        HONE_STORE(direction, HONE_LOAD(g) / v_sqrt(size));
    });
}

HONE_RULE(averaged_direction) {
    const hone_rule_constants c = *constants;
    const float *g = arrays->g + from;
    float *v = arrays->second + from, *direction = arrays->third + from;
    HONE_LOOP(n, {
        vf gradient = HONE_LOAD(g);
        vf former = HONE_LOAD(v);
        vf second = v_fma(v_splat(c.toward), v_fma(gradient, gradient, -former), former);
        HONE_STORE(v, second);
        HONE_STORE(direction, gradient / v_sqrt(v_larger(v_splat(c.epsilon), second)));
    });
}
