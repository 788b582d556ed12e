// One row of a matrix whose second moment is a product of rows and columns.

static void factored(const float *g, float row, const float *column, float least, float *direction, size_t n) {
    HONE_LOOP(n, {
        vf size = v_larger(v_splat(least), row * HONE_LOAD(column));
        HONE_STORE(direction, HONE_LOAD(g) / v_sqrt(size));
    });
}
