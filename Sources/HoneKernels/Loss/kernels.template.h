// All loss kernels of one instruction set, and their table.
#include "../VectorMath/softmax_row.h"
#include "pair.template.h"

/// Rows go through in groups, so that their logarithms are one vector's work.
static double cross_entropy(const hone_rows *rows, const float *logits, size_t first, size_t last,
                            float *probabilities, double *count) {
    size_t classes = rows->classes;
    double loss = 0.0, weight_sum = 0.0;
    while (first < last) {
        size_t group = last - first < HONE_LANES ? last - first : HONE_LANES;
        float sums[HONE_LANES], logarithms[HONE_LANES], margins[HONE_LANES];
        for (size_t i = 0; i < HONE_LANES; i++) {
            sums[i] = 1.0f;
            margins[i] = 0.0f;
        }
        for (size_t i = 0; i < group; i++) {
            const float *x = logits + (first + i) * classes;
            int32_t label = rows->labels[first + i];
            // Read before the probabilities may replace it.
            float own = label == rows->ignore_index ? 0.0f : x[label];
            softmax_row s = v_softmax_row(x, probabilities ? probabilities + (first + i) * classes : NULL, classes);
            sums[i] = s.sum;
            margins[i] = own - s.largest;
        }
        v_store(logarithms, v_log(v_load(sums)));
        for (size_t i = 0; i < group; i++) {
            int32_t label = rows->labels[first + i];
            if (label != rows->ignore_index) {
                double weight = rows->weights ? (double)rows->weights[label] : 1.0;
                loss += weight * ((double)logarithms[i] - (double)margins[i]);
                weight_sum += weight;
            }
        }
        first += group;
    }
    *count += weight_sum;
    return loss;
}

/// dx (+)= factor * p over a stretch of rows of one weight.
HONE_INLINE void scale_rows(const float *p, float factor, float *d, size_t n, bool accumulate) {
    if (accumulate) {
        HONE_LOOP(n, { HONE_STORE(d, v_fma(v_splat(factor), HONE_LOAD(p), HONE_LOAD(d))); });
    } else {
        HONE_LOOP(n, { HONE_STORE(d, factor * HONE_LOAD(p)); });
    }
}

/// The rows from `first` on that go through as one: none of them ignored, or only ignored ones; with weights, one row.
HONE_INLINE size_t end_of_run(const hone_rows *rows, size_t first, size_t last) {
    // Few enough for the labels' corrections to find them in the cache.
    size_t longest = rows->classes < 2048 ? 2048 / (rows->classes + 1) + 1 : 1;
    last = rows->weights ? first + 1 : last - first < longest ? last : first + longest;
    bool ignored = rows->labels[first] == rows->ignore_index;
    size_t end = first + 1;
    while (end < last && (rows->labels[end] == rows->ignore_index) == ignored) {
        end++;
    }
    return end;
}

static void cross_entropy_backward(const hone_rows *rows, const float *probabilities, float scale, size_t first,
                                   size_t last, float *dx, bool accumulate) {
    size_t classes = rows->classes;
    while (first < last) {
        size_t end = end_of_run(rows, first, last), n = (end - first) * classes;
        float *d = dx + first * classes;
        if (rows->labels[first] != rows->ignore_index) {
            float factor = rows->weights ? scale * rows->weights[rows->labels[first]] : scale;
            scale_rows(probabilities + first * classes, factor, d, n, accumulate);
            for (size_t row = first; row < end; row++, d += classes) {
                d[rows->labels[row]] -= factor;
            }
        } else if (!accumulate) {
            memset(d, 0, n * sizeof *d);
        }
        first = end;
    }
}

static double squared_error(const float *x, const float *y, size_t n) {
    vd s0 = (vd)(0.0), s1 = s0;
    size_t i = 0;
    for (; n - i >= 2 * HONE_LANES; i += 2 * HONE_LANES) {
        vd d0 = v_widen(v_load(x + i)) - v_widen(v_load(y + i));
        vd d1 = v_widen(v_load(x + i + HONE_LANES)) - v_widen(v_load(y + i + HONE_LANES));
        s0 = vd_fma(d0, d0, s0);
        s1 = vd_fma(d1, d1, s1);
    }
    for (; i < n; i += HONE_LANES) {
        size_t count = n - i < HONE_LANES ? n - i : HONE_LANES;
        vd d = v_widen(v_load_part(x + i, count)) - v_widen(v_load_part(y + i, count));
        s0 = vd_fma(d, d, s0);
    }
    return vd_sum(s0 + s1);
}

static void squared_error_backward(const float *x, const float *y, float scale, float *dx, size_t n,
                                   bool accumulate) {
    float factor = 2.0f * scale;
    if (accumulate) {
        HONE_LOOP(n, { HONE_STORE(dx, HONE_LOAD(dx) + factor * (HONE_LOAD(x) - HONE_LOAD(y))); });
    } else {
        HONE_LOOP(n, { HONE_STORE(dx, factor * (HONE_LOAD(x) - HONE_LOAD(y))); });
    }
}

const hone_loss_kernels HONE_VARIANT(hone_loss) = {
    .cross_entropy = cross_entropy,
    .cross_entropy_backward = cross_entropy_backward,
    .squared_error = squared_error,
    .squared_error_backward = squared_error_backward,
    .pair = {absolute_pair, huber_pair, logistic_pair, binary_pair},
    .pair_backward = {{absolute_slope, huber_slope, logistic_slope, binary_slope},
                      {absolute_target_slope, huber_target_slope, logistic_target_slope, binary_target_slope}},
};
