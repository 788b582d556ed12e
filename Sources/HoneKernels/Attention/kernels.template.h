// All attention kernels of one instruction set, and their table.
#include "../VectorMath/exponential.h"
#include "../VectorMath/loops.h"
#include "../VectorMath/rows.h"
#include "../VectorMath/softmax_row.h"
#include "kernels.h"

/// What the row's vector at `at` adds to the exponent; -infinity beyond the visible keys.
HONE_INLINE vf load_scores(const hone_score_row *row, vf scale, size_t at, bool masked) {
    size_t left = row->visible - at;
    if (left >= HONE_LANES) {
        vf s = v_load(row->scores + at) * scale;
        return masked ? s + v_load(row->mask + at) : s;
    }
    vf s = v_load_part(row->scores + at, left) * scale;
    s = masked ? s + v_load_part(row->mask + at, left) : s;
    return v_first(left) ? s : v_splat(-INFINITY);
}

/// p where its word says that it is kept, times the factor of those that are.
HONE_INLINE vf dropped(const hone_score_row *row, vf p, size_t at) {
    size_t left = row->visible - at;
    vu words = (vu)(left >= HONE_LANES ? vi_load(row->words + at) : vi_load_part(row->words + at, left));
    return (vi)(words >> 8) >= (int32_t)row->threshold ? p * row->kept : v_splat(0.0f);
}

HONE_INLINE void store_zeros(float *x, size_t from, size_t to) {
    for (; to - from >= HONE_LANES; from += HONE_LANES) {
        v_store(x + from, v_splat(0.0f));
    }
    if (from < to) {
        v_store_part(x + from, v_splat(0.0f), to - from);
    }
}

HONE_INLINE float take_row(const hone_score_row *row, hone_running_softmax *running, bool masked, bool drops) {
    const vf scale = v_splat(row->scale);
    vf most = v_splat(-INFINITY);
    for (size_t at = 0; at < row->visible; at += HONE_LANES) {
        most = v_larger(load_scores(row, scale, at, masked), most);
    }
    float largest = v_largest(most);
    largest = largest > running->largest ? largest : running->largest;
    // Where all is masked so far, any finite shift makes all exponentials 0.
    const vf shift = v_splat(largest == -INFINITY ? 0 : largest);
    vf sum = v_splat(0.0f);
    for (size_t at = 0; at < row->visible; at += HONE_LANES) {
        vf e = v_exp(load_scores(row, scale, at, masked) - shift);
        sum += e;
        e = drops ? dropped(row, e, at) : e;
        v_store_some(row->scores, e, at, row->visible);
    }
    store_zeros(row->scores, row->visible, row->width);
    vf factor = v_exp(v_splat(running->largest) - shift);
    running->largest = largest;
    running->sum = running->sum * factor[0] + v_sum(sum);
    return factor[0];
}

static float softmax(const hone_score_row *row, hone_running_softmax *running) {
    if (!row->mask && !row->words) {
        return take_row(row, running, false, false);
    }
    return row->words ? take_row(row, running, row->mask, true) : take_row(row, running, true, false);
}

HONE_INLINE void row_backward(const hone_score_row *row, float log_sum_exp, float mean, float *gradients, bool masked,
                              bool drops) {
    const vf scale = v_splat(row->scale), middle = v_splat(mean);
    const vf shift = v_splat(log_sum_exp == -INFINITY ? 0 : log_sum_exp);  // A row without visible keys: p is 0.
    for (size_t at = 0; at < row->visible; at += HONE_LANES) {
        size_t left = row->visible - at;
        vf p = v_exp(load_scores(row, scale, at, masked) - shift);
        vf g = left >= HONE_LANES ? v_load(gradients + at) : v_load_part(gradients + at, left);
        g = drops ? dropped(row, g, at) : g;
        v_store_some(gradients, p * (g - middle) * scale, at, row->visible);
        v_store_some(row->scores, drops ? dropped(row, p, at) : p, at, row->visible);
    }
    store_zeros(row->scores, row->visible, row->width);
    store_zeros(gradients, row->visible, row->width);
}

static void softmax_backward(const hone_score_row *row, float log_sum_exp, float mean, float *gradients) {
    if (!row->mask && !row->words) {
        row_backward(row, log_sum_exp, mean, gradients, false, false);
    } else if (!row->words) {
        row_backward(row, log_sum_exp, mean, gradients, true, false);
    } else {
        row_backward(row, log_sum_exp, mean, gradients, row->mask, true);
    }
}

static void scale(float factor, float *x, size_t n) {
    HONE_LOOP(n, { HONE_STORE(x, HONE_LOAD(x) * factor); });
}

static void dots(const float *a, const float *b, size_t row, size_t rows, size_t n, float *out) {
    for (size_t i = 0; i < rows; i++) {
        out[i] = v_dot_row(a + i * row, b + i * row, n);
    }
}

HONE_INLINE void rotate_row(const hone_rotary *r, const float *x, const float *cosines, const float *sines, float *y,
                            float direction, bool accumulate) {
    size_t pairs = r->pairs;
    if (r->interleaved) {
        for (size_t i = 0; i < pairs; i++) {
            float a = x[2 * i], b = x[2 * i + 1], c = cosines[i], s = direction * sines[i];
            y[2 * i] = (accumulate ? y[2 * i] : 0) + (a * c - b * s);
            y[2 * i + 1] = (accumulate ? y[2 * i + 1] : 0) + (b * c + a * s);
        }
    } else {
        HONE_LOOP(pairs, {
            vf a = HONE_LOAD(x);
            vf b = HONE_LOAD(x + pairs);
            vf c = HONE_LOAD(cosines);
            vf s = HONE_LOAD(sines) * direction;
            vf first = a * c - b * s;
            vf second = b * c + a * s;
            HONE_STORE(y, accumulate ? HONE_LOAD(y) + first : first);
            HONE_STORE(y + pairs, accumulate ? HONE_LOAD(y + pairs) + second : second);
        });
    }
    for (size_t i = 2 * pairs; i < r->width; i++) {
        y[i] = accumulate ? y[i] + x[i] : x[i];
    }
}

static void rotate(const hone_rotary *r, const float *x, const float *cosines, const float *sines, float *y,
                   bool accumulate) {
    float direction = r->inverse ? -1.0f : 1.0f;
    if (accumulate) {
        rotate_row(r, x, cosines, sines, y, direction, true);
    } else {
        rotate_row(r, x, cosines, sines, y, direction, false);
    }
}

const hone_attention_kernels HONE_VARIANT(hone_attention) = {
    .softmax = softmax,
    .softmax_backward = softmax_backward,
    .scale = scale,
    .dots = dots,
    .rotate = rotate,
};
