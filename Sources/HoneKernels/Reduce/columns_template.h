// Reductions down the columns of a matrix.
#include "../VectorMath/rows.h"

/// Rows that an accumulator of floats takes in before it is emptied into one of doubles.
#define HONE_ROW_RUN 64

/// Vectors side by side.
#define HONE_STRIP 4

HONE_INLINE vf load_columns(const float *x, size_t count) {
    return count == HONE_LANES ? v_load(x) : v_load_part(x, count);
}

HONE_INLINE void store_doubles(double *out, vd v, size_t count) {
    if (count == HONE_LANES) {
        memcpy(out, &v, sizeof v);
    } else {
        memcpy(out, &v, count * sizeof(double));
    }
}

/// One strip of `vectors` vectors (the last may be partial), down all rows.
#define HONE_COLUMN_SUM_STRIP(name, term)                                                                          \
    HONE_INLINE void name(const float *x, size_t length, size_t stride, int vectors, size_t last, vd *total) {     \
        for (int v = 0; v < vectors; v++) {                                                                        \
            total[v] = (vd)(0.0);                                                                                  \
        }                                                                                                          \
        while (length > 0) {                                                                                       \
            size_t run = length < HONE_ROW_RUN ? length : HONE_ROW_RUN;                                            \
            vf sums[HONE_STRIP];                                                                                   \
            for (int v = 0; v < vectors; v++) {                                                                    \
                sums[v] = v_splat(0.0f);                                                                           \
            }                                                                                                      \
            for (size_t row = 0; row < run; row++, x += stride) {                                                  \
                for (int v = 0; v < vectors; v++) {                                                                \
                    sums[v] += term(load_columns(x + v * HONE_LANES, v + 1 < vectors ? HONE_LANES : last));        \
                }                                                                                                  \
            }                                                                                                      \
            for (int v = 0; v < vectors; v++) {                                                                    \
                total[v] += v_widen(sums[v]);                                                                      \
            }                                                                                                      \
            length -= run;                                                                                         \
        }                                                                                                          \
    }
HONE_INLINE vf column_itself(vf x) { return x; }
HONE_INLINE vf column_absolute(vf x) { return v_abs(x); }
HONE_COLUMN_SUM_STRIP(strip_sum, column_itself)
HONE_COLUMN_SUM_STRIP(strip_sum_absolute, column_absolute)

#define HONE_COLUMN_STRIP(name, first, step)                                                                       \
    HONE_INLINE void name(const float *x, size_t length, size_t stride, int vectors, size_t last, vd *total) {     \
        for (int v = 0; v < vectors; v++) {                                                                        \
            total[v] = (vd)(first);                                                                                \
        }                                                                                                          \
        for (size_t row = 0; row < length; row++, x += stride) {                                                   \
            for (int v = 0; v < vectors; v++) {                                                                    \
                vd value = v_widen(load_columns(x + v * HONE_LANES, v + 1 < vectors ? HONE_LANES : last));         \
                total[v] = step(total[v], value);                                                                  \
            }                                                                                                      \
        }                                                                                                          \
    }
HONE_INLINE vd wide_max(vd a, vd b) { return a != a ? a : (a > b ? a : b); }
HONE_INLINE vd wide_min(vd a, vd b) { return a != a ? a : (a < b ? a : b); }
HONE_INLINE vd wide_times(vd a, vd b) { return a * b; }
HONE_INLINE vd wide_square_sum(vd a, vd b) { return vd_fma(b, b, a); }
HONE_COLUMN_STRIP(strip_max, -INFINITY, wide_max)
HONE_COLUMN_STRIP(strip_min, INFINITY, wide_min)
HONE_COLUMN_STRIP(strip_product, 1.0, wide_times)
HONE_COLUMN_STRIP(strip_sum_squares, 0.0, wide_square_sum)

/// Walks the columns strip by strip, and narrower ones at the end; `done` stores a strip's totals.
#define HONE_COLUMN_WALK(strip, done)                                                                  \
    size_t column = 0;                                                                                 \
    vd total[HONE_STRIP];                                                                              \
    for (; width - column >= HONE_STRIP * HONE_LANES; column += HONE_STRIP * HONE_LANES) {             \
        strip(x + column, length, stride, HONE_STRIP, HONE_LANES, total);                              \
        for (int v = 0; v < HONE_STRIP; v++) {                                                         \
            done(column + v * HONE_LANES, total[v], HONE_LANES);                                       \
        }                                                                                              \
    }                                                                                                  \
    for (; width - column >= HONE_LANES; column += HONE_LANES) {                                       \
        strip(x + column, length, stride, 1, HONE_LANES, total);                                       \
        done(column, total[0], HONE_LANES);                                                            \
    }                                                                                                  \
    if (column < width) {                                                                              \
        strip(x + column, length, stride, 1, width - column, total);                                   \
        done(column, total[0], width - column);                                                        \
    }

#define HONE_TO_DOUBLES(at, v, count) store_doubles(out + (at), (v), (count))

HONE_INLINE void store_floats(float *out, vd v, size_t count, bool accumulate) {
    if (count == HONE_LANES) {
        v_store(out, v_narrow(accumulate ? v_widen(v_load(out)) + v : v));
    } else {
        v_store_part(out, v_narrow(accumulate ? v_widen(v_load_part(out, count)) + v : v), count);
    }
}

#define HONE_TO_FLOATS(at, v, count) store_floats(out + (at), (v), (count), accumulate)

#define HONE_COLUMNS(name, strip)                                                                                  \
    static void name(const float *x, size_t length, size_t stride, size_t width, double *out) {                    \
        HONE_COLUMN_WALK(strip, HONE_TO_DOUBLES)                                                                   \
    }                                                                                                              \
    static void name##_to_float(const float *x, size_t length, size_t stride, size_t width, float *out,            \
                                bool accumulate) {                                                                 \
        HONE_COLUMN_WALK(strip, HONE_TO_FLOATS)                                                                    \
    }
HONE_COLUMNS(columns_sum, strip_sum)
HONE_COLUMNS(columns_max, strip_max)
HONE_COLUMNS(columns_min, strip_min)
HONE_COLUMNS(columns_product, strip_product)
HONE_COLUMNS(columns_sum_squares, strip_sum_squares)
HONE_COLUMNS(columns_sum_absolute, strip_sum_absolute)

/// The first row at which each column has its extreme; a NaN wins.
static void arg_columns(bool largest, const float *x, size_t length, size_t stride, size_t width, int32_t *out) {
    for (size_t column = 0; column < width; column += HONE_LANES) {
        size_t count = width - column < HONE_LANES ? width - column : HONE_LANES;
        const float *p = x + column;
        vf best = load_columns(p, count);
        vi where = vi_splat(0);
        for (size_t row = 1; row < length; row++) {
            p += stride;
            vf v = load_columns(p, count);
            vi better = (largest ? v > best : v < best) | ((v != v) & (best == best));
            best = better ? v : best;
            where = better ? vi_splat((int32_t)row) : where;
        }
        if (count == HONE_LANES) {
            vi_store(out + column, where);
        } else {
            vi_store_part(out + column, where, count);
        }
    }
}
