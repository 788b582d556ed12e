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

/// The row's maximum and sum; e^(x - largest) goes to `powers` unless that is NULL.
HONE_INLINE softmax_row v_softmax_statistics(const float *x, size_t n, float *powers) {
    softmax_row s;
    vf largest = v_splat(-INFINITY);
    for (size_t i = 0; i < n; i += HONE_LANES) {
        largest = v_larger(largest, v_load_logits(x, i, n));
    }
    s.largest = v_largest(largest);
    if (n <= HONE_LANES) {
        vf e = v_exp(v_load_logits(x, 0, n) - s.largest);
        s.sum = v_sum(e);
        if (powers) {
            v_store_some(powers, e, 0, n);
        }
        return s;
    }
    vd total = (vd)(0.0);
    for (size_t i = 0; i < n;) {
        vf sum = v_splat(0.0f);
        for (size_t run = 0; run < 4 * HONE_FLOAT_RUN && i < n; run++, i += HONE_LANES) {
            vf e = v_exp(v_load_logits(x, i, n) - s.largest);
            sum += e;
            if (powers) {
                v_store_some(powers, e, i, n);
            }
        }
        total += v_widen(sum);
    }
    s.sum = (float)vd_sum(total);
    return s;
}

/// y = softmax(x); returns what it was made from.
HONE_INLINE softmax_row v_softmax_row(const float *x, float *y, size_t n) {
    softmax_row s = v_softmax_statistics(x, n, y);
    vf factor = v_splat(1.0f / s.sum);
    HONE_LOOP(n, { HONE_STORE(y, HONE_LOAD(y) * factor); });
    return s;
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
