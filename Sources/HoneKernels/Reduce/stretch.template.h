// Reductions of contiguous stretches.
#include "../VectorMath/rows.h"

HONE_INLINE vf term_itself(vf x) { return x; }
HONE_INLINE vf term_absolute(vf x) { return v_abs(x); }

static double stretch_sum(const float *x, size_t n) {
    double total;
    HONE_LANE_SUM(total, x, n, term_itself);
    return total;
}

static double stretch_sum_absolute(const float *x, size_t n) {
    double total;
    HONE_LANE_SUM(total, x, n, term_absolute);
    return total;
}

/// In double precision throughout.
static double wide_sum(const float *x, size_t n) {
    vd s0 = (vd)(0.0), s1 = s0;
    size_t i = 0;
    for (; n - i >= 2 * HONE_LANES; i += 2 * HONE_LANES) {
        s0 += v_widen(v_load(x + i));
        s1 += v_widen(v_load(x + i + HONE_LANES));
    }
    if (n - i >= HONE_LANES) {
        s0 += v_widen(v_load(x + i));
        i += HONE_LANES;
    }
    if (i < n) {
        s1 += v_widen(v_load_part(x + i, n - i));
    }
    return vd_sum(s0 + s1);
}

/// In double precision throughout: the product of two floats may be out of a float's reach.
static double dot_product(const float *a, const float *b, size_t n) {
    vd s0 = (vd)(0.0), s1 = s0;
    size_t i = 0;
    for (; n - i >= 2 * HONE_LANES; i += 2 * HONE_LANES) {
        s0 = vd_fma(v_widen(v_load(a + i)), v_widen(v_load(b + i)), s0);
        s1 = vd_fma(v_widen(v_load(a + i + HONE_LANES)), v_widen(v_load(b + i + HONE_LANES)), s1);
    }
    if (n - i >= HONE_LANES) {
        s0 = vd_fma(v_widen(v_load(a + i)), v_widen(v_load(b + i)), s0);
        i += HONE_LANES;
    }
    if (i < n) {
        s1 = vd_fma(v_widen(v_load_part(a + i, n - i)), v_widen(v_load_part(b + i, n - i)), s1);
    }
    return vd_sum(s0 + s1);
}

static double stretch_sum_squares(const float *x, size_t n) {
    vd s0 = (vd)(0.0), s1 = s0;
    size_t i = 0;
    for (; n - i >= 2 * HONE_LANES; i += 2 * HONE_LANES) {
        vd v0 = v_widen(v_load(x + i)), v1 = v_widen(v_load(x + i + HONE_LANES));
        s0 = vd_fma(v0, v0, s0);
        s1 = vd_fma(v1, v1, s1);
    }
    if (n - i >= HONE_LANES) {
        vd v = v_widen(v_load(x + i));
        s0 = vd_fma(v, v, s0);
        i += HONE_LANES;
    }
    if (i < n) {
        vd v = v_widen(v_load_part(x + i, n - i));
        s1 = vd_fma(v, v, s1);
    }
    return vd_sum(s0 + s1);
}

/// Lanes beyond the end count as the first element.
HONE_INLINE vf load_or_first(const float *x, size_t at, size_t n) {
    vf v = v_load_part(x + at, n - at);
    return v_first(n - at) ? v : v_splat(x[0]);
}

/// The largest (smallest) element, NaN if there is one.
#define HONE_EXTREME(name, better, across, nothing)                              \
    HONE_INLINE float name(const float *x, size_t n) {                           \
        if (n == 0) {                                                            \
            return nothing;                                                      \
        }                                                                        \
        size_t i = 0;                                                            \
        vf m0 = v_splat(x[0]), m1 = m0;                                          \
        vi nan0 = m0 != m0, nan1 = nan0;                                         \
        for (; n - i >= 2 * HONE_LANES; i += 2 * HONE_LANES) {                   \
            vf v0 = v_load(x + i), v1 = v_load(x + i + HONE_LANES);              \
            nan0 |= v0 != v0;                                                    \
            nan1 |= v1 != v1;                                                    \
            m0 = better(m0, v0);                                                 \
            m1 = better(m1, v1);                                                 \
        }                                                                        \
        for (; i < n; i += HONE_LANES) {                                         \
            vf v = n - i >= HONE_LANES ? v_load(x + i) : load_or_first(x, i, n); \
            nan0 |= v != v;                                                      \
            m0 = better(m0, v);                                                  \
        }                                                                        \
        return v_any(nan0 | nan1) ? NAN : across(better(m0, m1));                \
    }
HONE_EXTREME(largest_of, v_larger, v_largest, -INFINITY)
HONE_EXTREME(smallest_of, v_smaller, v_smallest, INFINITY)

static double stretch_max(const float *x, size_t n) { return (double)largest_of(x, n); }
static double stretch_min(const float *x, size_t n) { return (double)smallest_of(x, n); }

static double stretch_product(const float *x, size_t n) {
    vd product = (vd)(1.0);
    size_t i = 0;
    for (; n - i >= HONE_LANES; i += HONE_LANES) {
        product *= v_widen(v_load(x + i));
    }
    if (i < n) {
        vf v = v_load_part(x + i, n - i);
        product *= v_widen(v_first(n - i) ? v : v_splat(1.0f));
    }
    return vd_product(product);
}

static bool all_finite(const float *x, size_t n) {
    vi exponents = vi_splat(0);
    size_t i = 0;
    for (; n - i >= HONE_LANES; i += HONE_LANES) {
        vi e = v_bits(v_load(x + i)) & 0x7f800000;
        exponents = e > exponents ? e : exponents;
    }
    if (i < n) {
        vi e = v_bits(v_load_part(x + i, n - i)) & 0x7f800000;
        exponents = e > exponents ? e : exponents;
    }
    return !v_any(exponents == 0x7f800000);
}

#define HONE_ROWS(name, value)                                                                  \
    static void name(const float *x, size_t rows, size_t length, float *out, bool accumulate) { \
        for (size_t row = 0; row < rows; row++, x += length) {                                  \
            double result = value(x, length);                                                   \
            out[row] = accumulate ? (float)((double)out[row] + result) : (float)result;         \
        }                                                                                       \
    }
HONE_ROWS(rows_sum, stretch_sum)
HONE_ROWS(rows_max, stretch_max)
HONE_ROWS(rows_min, stretch_min)
HONE_ROWS(rows_product, stretch_product)
HONE_ROWS(rows_sum_squares, stretch_sum_squares)
HONE_ROWS(rows_sum_absolute, stretch_sum_absolute)

/// The first index at which a row has its extreme, or its first NaN.
static void arg_rows(bool largest, const float *x, size_t rows, size_t length, int32_t *out) {
    for (size_t row = 0; row < rows; row++, x += length) {
        float extreme = largest ? largest_of(x, length) : smallest_of(x, length);
        vf target = v_splat(extreme);
        size_t found = 0;
        for (size_t i = 0; i < length; i += HONE_LANES) {
            size_t count = length - i < HONE_LANES ? length - i : HONE_LANES;
            vf v = count == HONE_LANES ? v_load(x + i) : v_load_part(x + i, count);
            vi hit = (extreme == extreme ? v == target : v != v) & v_first(count);
            if (v_any(hit)) {
                vi candidate = hit ? V_LANE_INDEX : vi_splat(HONE_LANES);
                found = i + (size_t)__builtin_reduce_min(candidate);
                break;
            }
        }
        out[row] = (int32_t)found;
    }
}
