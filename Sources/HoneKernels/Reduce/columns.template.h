// Reductions down the columns of a matrix.
#include "../VectorMath/rows.h"

/// Rows that an accumulator of floats takes in before it is emptied into one of doubles.
#define HONE_ROW_RUN ((size_t)64)

/// Columns that are worked on at a time: their running results stay in the caches.
#define HONE_COLUMN_SPAN ((size_t)4096)

HONE_INLINE vf load_columns(const float *x, size_t left) {
    return left >= HONE_LANES ? v_load(x) : v_load_part(x, left);
}

/// Columns from which several rows are read side by side.
#define HONE_WIDE_ROW ((size_t)1024)

/// Vectors side by side whose results stay in registers.
#if HONE_LANES == 16
#define HONE_WIDEST_STRIP 16
#else
#define HONE_WIDEST_STRIP 8
#endif

/// Strips of `vectors` vectors while there is room for them, each down all rows.
#define HONE_STRIPS(vectors, term, join)                                                                \
    for (; column + (vectors) * HONE_LANES < width + HONE_LANES; column += (vectors) * HONE_LANES) {    \
        vf s[vectors];                                                                                  \
        const float *p = x + column;                                                                    \
        for (int v = 0; v < (vectors); v++) {                                                           \
            s[v] = v_load(results + column + v * HONE_LANES);                                           \
        }                                                                                               \
        for (size_t row = 0; row < length; row++, p += stride) {                                        \
            for (int v = 0; v < (vectors); v++) {                                                       \
                size_t left = v + 1 < (vectors) ? HONE_LANES : width - column - (size_t)v * HONE_LANES; \
                s[v] = join(s[v], term(load_columns(p + v * HONE_LANES, left)));                        \
            }                                                                                           \
        }                                                                                               \
        for (int v = 0; v < (vectors); v++) {                                                           \
            v_store(results + column + v * HONE_LANES, s[v]);                                           \
        }                                                                                               \
    }

/// Runs of `rows` whole rows side by side into `results`.
#define HONE_ROWS_TOGETHER(rows, term, join)                                             \
    for (; length >= (rows); length -= (rows), x += (rows) * stride) {                   \
        _Pragma("clang loop unroll_count(4)")                                            \
        for (column = 0; column + HONE_LANES <= width; column += HONE_LANES) {           \
            vf s = v_load(results + column);                                             \
            for (size_t r = 0; r < (rows); r++) {                                        \
                s = join(s, term(v_load(x + r * stride + column)));                      \
            }                                                                            \
            v_store(results + column, s);                                                \
        }                                                                                \
        if (column < width) {                                                            \
            vf s = v_load(results + column);                                             \
            for (size_t r = 0; r < (rows); r++) {                                        \
                s = join(s, term(v_load_part(x + r * stride + column, width - column))); \
            }                                                                            \
            v_store(results + column, s);                                                \
        }                                                                                \
    }

/// Takes rows into `results`, which has room for whole vectors. What is far away is read in whole rows, or memory is
/// several times slower: one at a time, or eight where a row would push the results out of the nearest cache. What is
/// near goes strip by strip.
#define HONE_TAKE_ROWS(name, term, join)                                                                          \
    HONE_INLINE void name(const float *x, size_t length, size_t stride, size_t width, float *results, bool far) { \
        size_t column = 0;                                                                                        \
        if (far && width >= 4 * HONE_LANES) {                                                                     \
            if (width >= HONE_WIDE_ROW) {                                                                         \
                HONE_ROWS_TOGETHER(8, term, join)                                                                 \
            }                                                                                                     \
            HONE_ROWS_TOGETHER(1, term, join)                                                                     \
            return;                                                                                               \
        }                                                                                                         \
        HONE_STRIPS(HONE_WIDEST_STRIP, term, join)                                                                \
        HONE_STRIPS(HONE_WIDEST_STRIP / 2, term, join)                                                            \
        HONE_STRIPS(HONE_WIDEST_STRIP / 4, term, join)                                                            \
        HONE_STRIPS(1, term, join)                                                                                \
    }

HONE_INLINE vf column_itself(vf x) { return x; }
HONE_INLINE vf column_absolute(vf x) { return v_abs(x); }
HONE_INLINE vf column_square(vf x) { return x * x; }
HONE_INLINE vf column_plus(vf a, vf b) { return a + b; }
HONE_INLINE vf column_times(vf a, vf b) { return a * b; }

/// The kernels of one reduction: in double, and straight to float.
#define HONE_COLUMNS(name, identity, term, join, combine)                                               \
    HONE_TAKE_ROWS(name##_rows, term, join)                                                             \
    static void name(const float *x, size_t length, size_t stride, size_t width, double *out) {         \
        for (size_t at = 0; at < width; at += HONE_COLUMN_SPAN) {                                       \
            size_t span = width - at < HONE_COLUMN_SPAN ? width - at : HONE_COLUMN_SPAN;                \
            _Alignas(64) float results[HONE_COLUMN_SPAN];                                               \
            for (size_t c = 0; c < span; c++) {                                                         \
                out[at + c] = identity;                                                                 \
            }                                                                                           \
            for (size_t row = 0; row < length; row += HONE_ROW_RUN) {                                   \
                fill_columns(results, identity, span);                                                  \
                size_t run = length - row < HONE_ROW_RUN ? length - row : HONE_ROW_RUN;                 \
                name##_rows(x + row * stride + at, run, stride, span, results, true);                   \
                for (size_t c = 0; c < span; c++) {                                                     \
                    out[at + c] = combine(out[at + c], (double)results[c]);                             \
                }                                                                                       \
            }                                                                                           \
        }                                                                                               \
    }                                                                                                   \
    static void name##_to_float(const float *x, size_t length, size_t stride, size_t width, float *out, \
                                bool accumulate) {                                                      \
        for (size_t at = 0; at < width; at += HONE_COLUMN_SPAN) {                                       \
            size_t span = width - at < HONE_COLUMN_SPAN ? width - at : HONE_COLUMN_SPAN;                \
            _Alignas(64) float results[HONE_COLUMN_SPAN];                                               \
            if (length <= HONE_ROW_RUN) {                                                               \
                fill_columns(results, identity, span);                                                  \
                name##_rows(x + at, length, stride, span, results, false);                              \
            } else {                                                                                    \
                double totals[HONE_COLUMN_SPAN];                                                        \
                name(x + at, length, stride, span, totals);                                             \
                for (size_t c = 0; c < span; c++) {                                                     \
                    results[c] = (float)totals[c];                                                      \
                }                                                                                       \
            }                                                                                           \
            put_columns(results, out + at, span, accumulate);                                           \
        }                                                                                               \
    }

/// Whole vectors, also beyond the end.
HONE_INLINE void fill_columns(float *results, float value, size_t width) {
    for (size_t column = 0; column < width; column += HONE_LANES) {
        v_store(results + column, v_splat(value));
    }
}

HONE_INLINE void put_columns(const float *results, float *out, size_t width, bool accumulate) {
    for (size_t column = 0; column < width; column += HONE_LANES) {
        vf v = v_load(results + column);
        if (width - column >= HONE_LANES) {
            v_store(out + column, accumulate ? v_load(out + column) + v : v);
        } else {
            size_t count = width - column;
            v_store_part(out + column, accumulate ? v_load_part(out + column, count) + v : v, count);
        }
    }
}

HONE_INLINE double larger_of(double a, double b) { return a != a || a > b ? a : b; }
HONE_INLINE double smaller_of(double a, double b) { return a != a || a < b ? a : b; }

HONE_COLUMNS(columns_sum, 0.0f, column_itself, column_plus, HONE_PLUS)
HONE_COLUMNS(columns_max, -INFINITY, column_itself, v_maximum, larger_of)
HONE_COLUMNS(columns_min, INFINITY, column_itself, v_minimum, smaller_of)
HONE_COLUMNS(columns_product, 1.0f, column_itself, column_times, HONE_TIMES)
HONE_COLUMNS(columns_sum_squares, 0.0f, column_square, column_plus, HONE_PLUS)
HONE_COLUMNS(columns_sum_absolute, 0.0f, column_absolute, column_plus, HONE_PLUS)

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
