// The softmax of one row: what softmax and cross-entropy have in common.
#ifndef HONE_SOFTMAX_ROW_H
#define HONE_SOFTMAX_ROW_H

#include "exponential.h"
#include "loops.h"
#include "rows.h"

typedef struct softmax_row {
    float largest;  ///< The largest element of the row.
    float sum;  ///< The sum of e^(x - largest).
} softmax_row;

/// The vector of a row that begins at `at`; -infinity, whose exponential is 0, beyond the end.
HONE_INLINE vf v_load_logits(const float *x, size_t at, size_t n) {
    if (n - at >= HONE_LANES) {
        return v_load(x + at);
    }
    vf v = v_load_part(x + at, n - at);
    return v_first(n - at) ? v : v_splat(-INFINITY);
}

HONE_INLINE void v_store_some(float *y, vf v, size_t at, size_t n) {
    if (n - at >= HONE_LANES) {
        v_store(y + at, v);
    } else {
        v_store_part(y + at, v, n - at);
    }
}

/// The maximum and the sum of a row that fills `vectors` vectors (the last of them may be partial), which is kept in
/// registers; the softmax goes to `y` unless that is NULL.
HONE_INLINE softmax_row v_short_softmax(const float *x, float *y, size_t n, int vectors) {
    vf v[4];
    vf largest = v_splat(-INFINITY);
    for (int i = 0; i < vectors; i++) {
        v[i] = i + 1 < vectors ? v_load(x + i * HONE_LANES) : v_load_logits(x, (size_t)i * HONE_LANES, n);
        largest = v_larger(largest, v[i]);
    }
    largest = v_largest_everywhere(largest);
    vf sum = v_splat(0.0f);
    for (int i = 0; i < vectors; i++) {
        v[i] = v_exp_flushed(v[i] - largest);
        sum += v[i];
    }
    sum = v_sum_everywhere(sum);
    if (y) {
        vf factor = 1.0f / sum;
        for (int i = 0; i < vectors; i++) {
            if (i + 1 < vectors) {
                v_store(y + i * HONE_LANES, v[i] * factor);
            } else {
                v_store_some(y, v[i] * factor, (size_t)i * HONE_LANES, n);
            }
        }
    }
    return (softmax_row){largest[0], sum[0]};
}

/// The same for a row of any length, in passes over memory.
HONE_INLINE softmax_row v_long_softmax(const float *x, float *y, size_t n) {
    vf largest = v_splat(-INFINITY);
    for (size_t i = 0; i < n; i += HONE_LANES) {
        largest = v_larger(largest, v_load_logits(x, i, n));
    }
    largest = v_largest_everywhere(largest);
    vd total = (vd)(0.0);
    for (size_t i = 0; i < n;) {
        vf sum = v_splat(0.0f);
        for (size_t run = 0; run < 4 * HONE_FLOAT_RUN && i < n; run++, i += HONE_LANES) {
            vf e = v_exp_flushed(v_load_logits(x, i, n) - largest);
            sum += e;
            if (y) {
                v_store_some(y, e, i, n);
            }
        }
        total += v_widen(sum);
    }
    softmax_row s = {largest[0], (float)vd_sum(total)};
    if (y) {
        vf factor = v_splat(1.0f / s.sum);
        HONE_LOOP(n, { HONE_STORE(y, HONE_LOAD(y) * factor); });
    }
    return s;
}

/// y = softmax(x), if y is not NULL, which may be x; returns what it is made from.
HONE_INLINE softmax_row v_softmax_row(const float *x, float *y, size_t n) {
    if (n <= HONE_LANES) {
        return v_short_softmax(x, y, n, 1);
    }
    if (n <= 2 * HONE_LANES) {
        return v_short_softmax(x, y, n, 2);
    }
    if (n > 3 * HONE_LANES && n <= 4 * HONE_LANES) {
        return v_short_softmax(x, y, n, 4);
    }
    return n <= 4 * HONE_LANES ? v_short_softmax(x, y, n, 3) : v_long_softmax(x, y, n);
}

/// The sum of a * b over a row.
HONE_INLINE float v_dot_row(const float *a, const float *b, size_t n) {
    vd total = (vd)(0.0);
    for (size_t i = 0; i < n;) {
        vf sum = v_splat(0.0f);
        for (size_t run = 0; run < 4 * HONE_FLOAT_RUN && i < n; run++, i += HONE_LANES) {
            vf va = n - i >= HONE_LANES ? v_load(a + i) : v_load_part(a + i, n - i);
            vf vb = n - i >= HONE_LANES ? v_load(b + i) : v_load_part(b + i, n - i);
            sum = v_fma(va, vb, sum);
        }
        total += v_widen(sum);
    }
    return (float)vd_sum(total);
}

#endif
