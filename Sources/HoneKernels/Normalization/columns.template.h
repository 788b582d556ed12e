// Normalisation where each column of a matrix has a mean and a scale of its own: channels of one or few elements.

/// Rows whose sums are kept in floats.
#define COLUMN_RUN ((size_t)32)

/// The rows that a column's shift is the mean of.
#define SHIFT_ROWS ((size_t)8)

/// The strip of columns at `column`: `vectors` whole vectors, or a part of one.
typedef struct strip {
    size_t column, count;
} strip;

HONE_INLINE vf strip_load(const float *p, strip s, int v) {
    p += s.column + (size_t)v * HONE_LANES;
    return s.count >= HONE_LANES ? v_load(p) : v_load_part(p, s.count);
}

HONE_INLINE void strip_store(float *p, strip s, int v, vf value) {
    p += s.column + (size_t)v * HONE_LANES;
    if (s.count >= HONE_LANES) {
        v_store(p, value);
    } else {
        v_store_part(p, value, s.count);
    }
}

/// Adds a strip's sums of floats to those in double.
HONE_INLINE void strip_empty(double *to, strip s, int v, vf *sum) {
    _Alignas(64) float lanes[HONE_LANES];
    v_store(lanes, *sum);
    *sum = v_splat(0.0f);
    size_t column = s.column + (size_t)v * HONE_LANES;
    size_t count = s.count < HONE_LANES ? s.count : HONE_LANES;
    for (size_t i = 0; i < count; i++) {
        to[column + i] += (double)lanes[i];
    }
}

/// Runs `body(strip, vectors)` over all columns, four vectors at a time while there are as many.
#define HONE_COLUMN_STRIPS(width, body)                                         \
    do {                                                                        \
        size_t column = 0;                                                      \
        for (; (width) - column >= 4 * HONE_LANES; column += 4 * HONE_LANES) {  \
            body(((strip){column, HONE_LANES}), 4);                             \
        }                                                                       \
        for (; (width) - column >= HONE_LANES; column += HONE_LANES) {          \
            body(((strip){column, HONE_LANES}), 1);                             \
        }                                                                       \
        if (column < (width)) {                                                 \
            body(((strip){column, (width) - column}), 1);                       \
        }                                                                       \
    } while (0)

HONE_INLINE void strip_moments(hone_columns c, const float *x, float *shift, double *sums, double *squares, strip s,
                               int vectors) {
    vf from[4], first[4], second[4];
    size_t few = c.rows < SHIFT_ROWS ? c.rows : SHIFT_ROWS;
    for (int v = 0; v < vectors; v++) {
        vf sum = v_splat(0.0f);
        for (size_t row = 0; row < few; row++) {
            sum += strip_load(x + row * c.stride, s, v);
        }
        from[v] = sum / (float)few;
        strip_store(shift, s, v, from[v]);
        first[v] = second[v] = v_splat(0.0f);
    }
    for (size_t row = 0; row < c.rows;) {
        size_t end = c.rows - row < COLUMN_RUN ? c.rows : row + COLUMN_RUN;
        for (; row < end; row++) {
            for (int v = 0; v < vectors; v++) {
                vf d = strip_load(x + row * c.stride, s, v) - from[v];
                first[v] += d;
                second[v] = v_fma(d, d, second[v]);
            }
        }
        for (int v = 0; v < vectors; v++) {
            strip_empty(sums, s, v, &first[v]);
            strip_empty(squares, s, v, &second[v]);
        }
    }
}

static void column_moments(hone_columns c, const float *x, float *shift, double *sums, double *squares) {
    memset(sums, 0, c.width * sizeof *sums);
    memset(squares, 0, c.width * sizeof *squares);
#define MOMENTS_OF(strip, vectors) strip_moments(c, x, shift, sums, squares, strip, vectors)
    HONE_COLUMN_STRIPS(c.width, MOMENTS_OF);
#undef MOMENTS_OF
}

HONE_INLINE void affine_rows(hone_columns c, const hone_column_affine *a, const float *x, float *y, bool relu) {
    for (size_t row = 0; row < c.rows; row++, x += c.stride, y += c.stride) {
        HONE_LOOP(c.width, {
            vf v = v_affine(HONE_LOAD(x), HONE_LOAD(a->mean), HONE_LOAD(a->scale), HONE_LOAD(a->shift));
            HONE_STORE(y, relu ? v_relu(v) : v);
        });
    }
}

static void column_affine(hone_columns c, const hone_column_affine *a, const float *x, float *y) {
    if (a->relu) {
        affine_rows(c, a, x, y, true);
    } else {
        affine_rows(c, a, x, y, false);
    }
}

HONE_INLINE void strip_gradient_sums(hone_columns c, const hone_column_affine *a, const float *x, const float *dy,
                                     double *sums, double *products, strip s, int vectors, bool relu) {
    vf mean[4], scale[4], shift[4], first[4], second[4];
    for (int v = 0; v < vectors; v++) {
        mean[v] = strip_load(a->mean, s, v);
        scale[v] = strip_load(a->scale, s, v);
        shift[v] = strip_load(a->shift, s, v);
        first[v] = second[v] = v_splat(0.0f);
    }
    for (size_t row = 0; row < c.rows;) {
        size_t end = c.rows - row < COLUMN_RUN ? c.rows : row + COLUMN_RUN;
        for (; row < end; row++) {
            for (int v = 0; v < vectors; v++) {
                vf value = strip_load(x + row * c.stride, s, v), g = strip_load(dy + row * c.stride, s, v);
                g = relu ? masked_gradient(g, value, mean[v], scale[v], shift[v]) : g;
                first[v] += g;
                second[v] = v_fma(g, value - mean[v], second[v]);
            }
        }
        for (int v = 0; v < vectors; v++) {
            strip_empty(sums, s, v, &first[v]);
            strip_empty(products, s, v, &second[v]);
        }
    }
}

static void column_gradient_sums(hone_columns c, const hone_column_affine *a, const float *x, const float *dy,
                                 double *sums, double *products) {
    memset(sums, 0, c.width * sizeof *sums);
    memset(products, 0, c.width * sizeof *products);
#define SUMS_OF(strip, vectors) strip_gradient_sums(c, a, x, dy, sums, products, strip, vectors, false)
#define MASKED_SUMS_OF(strip, vectors) strip_gradient_sums(c, a, x, dy, sums, products, strip, vectors, true)
    if (a->relu) {
        HONE_COLUMN_STRIPS(c.width, MASKED_SUMS_OF);
    } else {
        HONE_COLUMN_STRIPS(c.width, SUMS_OF);
    }
#undef SUMS_OF
#undef MASKED_SUMS_OF
}

HONE_INLINE void gradient_rows(hone_columns c, const hone_column_gradient *g, const float *x, const float *dy,
                               float *dx, bool relu, bool accumulate) {
    const hone_column_affine a = g->affine;
    for (size_t row = 0; row < c.rows; row++, x += c.stride, dy += c.stride, dx += c.stride) {
        HONE_LOOP(c.width, {
            vf value = HONE_LOAD(x);
            vf d = HONE_LOAD(dy);
            vf mean = HONE_LOAD(a.mean);
            d = relu ? masked_gradient(d, value, mean, HONE_LOAD(a.scale), HONE_LOAD(a.shift)) : d;
            d = v_fma(HONE_LOAD(g->of_dy), d, v_fma(HONE_LOAD(g->of_x), value - mean, HONE_LOAD(g->constant)));
            HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + d : d);
        });
    }
}

static void column_gradient(hone_columns c, const hone_column_gradient *g, const float *x, const float *dy, float *dx) {
    switch (g->affine.relu << 1 | g->accumulate) {
    case 0:
        gradient_rows(c, g, x, dy, dx, false, false);
        break;
    case 1:
        gradient_rows(c, g, x, dy, dx, false, true);
        break;
    case 2:
        gradient_rows(c, g, x, dy, dx, true, false);
        break;
    default:
        gradient_rows(c, g, x, dy, dx, true, true);
    }
}
