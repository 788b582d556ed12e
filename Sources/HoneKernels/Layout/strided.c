// Strided copies and their gradients: axes are merged, then the last two are walked in plain loops.
#include <stdlib.h>
#include <string.h>

#include "../VectorMath/blocks.h"
#include "hone/elementwise.h"
#include "hone/layout.h"

/// A strided array with its axes merged; always at least two of them.
typedef struct strided {
    const uint32_t *x;
    uint32_t *out;
    float *sum;
    const float *addend;
    int rank;
    size_t shape[HONE_MAX_RANK + 1];
    ptrdiff_t strides[HONE_MAX_RANK + 1];
} strided;

/// Drops axes of size 1 and merges neighbours that are walked as one. Returns the number of elements.
static size_t merge_axes(strided *w, const size_t *shape, const ptrdiff_t *strides, int rank) {
    size_t total = 1;
    int kept = 0;
    for (int axis = 0; axis < rank; axis++) {
        total *= shape[axis];
        if (shape[axis] == 1) {
            continue;
        }
        if (kept > 0 && w->strides[kept - 1] == strides[axis] * (ptrdiff_t)shape[axis]) {
            w->shape[kept - 1] *= shape[axis];
            w->strides[kept - 1] = strides[axis];
        } else {
            w->shape[kept] = shape[axis];
            w->strides[kept] = strides[axis];
            kept++;
        }
    }
    while (kept < 2) {
        for (int axis = kept; axis > 0; axis--) {
            w->shape[axis] = w->shape[axis - 1];
            w->strides[axis] = w->strides[axis - 1];
        }
        w->shape[0] = 1;
        w->strides[0] = kept == 0 ? 1 : 0;
        kept++;
    }
    w->rank = kept;
    return total;
}

/// The offset of row number `row`, all axes but the last counted.
static ptrdiff_t locate(const strided *w, size_t row) {
    ptrdiff_t offset = 0;
    for (int axis = w->rank - 2; axis >= 0; axis--) {
        offset += (ptrdiff_t)(row % w->shape[axis]) * w->strides[axis];
        row /= w->shape[axis];
    }
    return offset;
}

static void copy_row(const uint32_t *x, ptrdiff_t stride, uint32_t *out, size_t n) {
    if (stride == 1) {
        memcpy(out, x, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = x[(ptrdiff_t)i * stride];
    }
}

static void copy_task(void *context, size_t first, size_t last) {
    const strided *w = context;
    size_t n = w->shape[w->rank - 1];
    ptrdiff_t stride = w->strides[w->rank - 1];
    for (size_t row = first; row < last; row++) {
        copy_row(w->x + locate(w, row), stride, w->out + row * n, n);
    }
}

/// Rows that are the columns of a matrix (the last axis jumps, the one before it does not) are copied a square at a
/// time, so that the lines read for one row serve the next ones too.
static void copy_squares_task(void *context, size_t first, size_t last) {
    enum { square = 16 };
    const strided *w = context;
    size_t n = w->shape[w->rank - 1], rows = w->shape[w->rank - 2];
    ptrdiff_t stride = w->strides[w->rank - 1], step = w->strides[w->rank - 2];
    while (first < last) {
        size_t left = rows - first % rows;
        size_t height = last - first < left ? last - first : left;
        height = height < square ? height : square;
        const uint32_t *x = w->x + locate(w, first);
        uint32_t *out = w->out + first * n;
        for (size_t from = 0; from < n; from += square) {
            size_t width = n - from < square ? n - from : square;
            for (size_t row = 0; row < height; row++) {
                copy_row(x + (ptrdiff_t)row * step + (ptrdiff_t)from * stride, stride, out + row * n + from, width);
            }
        }
        first += height;
    }
}

static size_t row_grain(size_t n) { return n < HONE_PARALLEL_FROM ? HONE_PARALLEL_FROM / n : 1; }

void hone_strided_copy(const void *x, const ptrdiff_t *strides, void *out, const size_t *shape, int rank) {
    strided w = {.x = x, .out = out};
    size_t total = merge_axes(&w, shape, strides, rank);
    if (total == 0) {
        return;
    }
    size_t n = w.shape[w.rank - 1];
    bool squares = llabs((long long)w.strides[w.rank - 1]) > 8 && llabs((long long)w.strides[w.rank - 2]) <= 8 &&
                   w.shape[w.rank - 2] > 1;
    hone_parallel_for(total / n, row_grain(n), squares ? copy_squares_task : copy_task, &w);
}

void hone_strided_add(float *x, const ptrdiff_t *strides, const float *y, const size_t *shape, int rank) {
    // On one thread: where a stride is 0 (or axes overlap) elements of x take in several of y, in order.
    strided w = {.sum = x, .addend = y};
    size_t total = merge_axes(&w, shape, strides, rank);
    if (total == 0) {
        return;
    }
    size_t n = w.shape[w.rank - 1];
    ptrdiff_t stride = w.strides[w.rank - 1];
    for (size_t row = 0; row < total / n; row++) {
        float *target = x + locate(&w, row);
        const float *source = y + row * n;
        if (stride == 1) {
            for (size_t i = 0; i < n; i++) {
                target[i] += source[i];
            }
        } else {
            for (size_t i = 0; i < n; i++) {
                target[(ptrdiff_t)i * stride] += source[i];
            }
        }
    }
}
