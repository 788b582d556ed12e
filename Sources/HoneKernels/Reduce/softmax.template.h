// Softmax over rows, forward and backward.
#include "../VectorMath/rows.h"
#include "../VectorMath/softmax_row.h"

static void softmax(bool logarithm, const float *x, float *y, size_t rows, size_t columns) {
    if (logarithm) {
        for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
            softmax_row s = v_softmax_row(x, NULL, columns);
            vf shift = v_splat(s.largest), log_sum = v_log(v_splat(s.sum));
            HONE_LOOP(columns, { HONE_STORE(y, (HONE_LOAD(x) - shift) - log_sum); });
        }
    } else {
        for (size_t row = 0; row < rows; row++, x += columns, y += columns) {
            v_softmax_row(x, y, columns);
        }
    }
}

static void softmax_backward(bool logarithm, const float *y, const float *dy, float *dx, size_t rows, size_t columns,
                             bool accumulate) {
    for (size_t row = 0; row < rows; row++, y += columns, dy += columns, dx += columns) {
        if (logarithm) {
            vf sum = v_splat((float)stretch_sum(dy, columns));
            HONE_LOOP(columns, {
                vf g = HONE_LOAD(dy) - v_exp(HONE_LOAD(y)) * sum;
                HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + g : g);
            });
        } else {
            vf sum = v_splat(v_dot_row(y, dy, columns));
            HONE_LOOP(columns, {
                vf g = HONE_LOAD(y) * (HONE_LOAD(dy) - sum);
                HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + g : g);
            });
        }
    }
}
