// Strided copies and their gradients: axes are merged, then rows are walked, or matrices transposed.
#include <string.h>

#include "../VectorMath/blocks.h"
#include "hone/elementwise.h"
#include "kernels.h"

static const hone_layout_kernels *const tables[] = HONE_TABLES(hone_layout);

/// A strided array with its axes merged; always at least two of them. The other array is contiguous.
typedef struct strided {
    const hone_layout_kernels *kernels;
    const uint32_t *from;  // copying: the strided array
    uint32_t *to;  // copying: the contiguous array
    float *sums;  // adding: the strided array
    const float *terms;  // adding: the contiguous array
    int rank;
    int narrow;  // The axis, other than the last, along which the strided array is contiguous; -1 if there is none.
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
    w->narrow = -1;
    for (int axis = kept - 2; axis >= 0 && w->strides[kept - 1] != 1; axis--) {
        if (w->strides[axis] == 1 && w->shape[axis] > 1) {
            w->narrow = axis;
            break;
        }
    }
    return total;
}

// MARK: Rows along the last axis

/// The position of a row among the rows, and where it begins in the strided array.
typedef struct row_walk {
    size_t position[HONE_MAX_RANK + 1];
    ptrdiff_t offset;
} row_walk;

static row_walk start_rows(const strided *w, size_t row) {
    row_walk walk = {.offset = 0};
    for (int axis = w->rank - 2; axis >= 0; axis--) {
        walk.position[axis] = row % w->shape[axis];
        walk.offset += (ptrdiff_t)walk.position[axis] * w->strides[axis];
        row /= w->shape[axis];
    }
    return walk;
}

static inline void next_row(const strided *w, row_walk *walk) {
    for (int axis = w->rank - 2; axis >= 0; axis--) {
        walk->offset += w->strides[axis];
        if (++walk->position[axis] < w->shape[axis]) {
            return;
        }
        walk->position[axis] = 0;
        walk->offset -= (ptrdiff_t)w->shape[axis] * w->strides[axis];
    }
}

static void copy_rows(void *context, size_t first, size_t last) {
    const strided *w = context;
    size_t n = w->shape[w->rank - 1];
    ptrdiff_t stride = w->strides[w->rank - 1];
    row_walk walk = start_rows(w, first);
    for (size_t row = first; row < last; row++, next_row(w, &walk)) {
        const uint32_t *from = w->from + walk.offset;
        uint32_t *to = w->to + row * n;
        if (stride == 1) {
            memcpy(to, from, n * sizeof *to);
        } else {
            for (size_t i = 0; i < n; i++) {
                to[i] = from[(ptrdiff_t)i * stride];
            }
        }
    }
}

static void add_rows(void *context, size_t first, size_t last) {
    const strided *w = context;
    size_t n = w->shape[w->rank - 1];
    ptrdiff_t stride = w->strides[w->rank - 1];
    row_walk walk = start_rows(w, first);
    for (size_t row = first; row < last; row++, next_row(w, &walk)) {
        float *sums = w->sums + walk.offset;
        const float *terms = w->terms + row * n;
        if (stride == 1) {
            for (size_t i = 0; i < n; i++) {
                sums[i] += terms[i];
            }
        } else {
            for (size_t i = 0; i < n; i++) {
                sums[(ptrdiff_t)i * stride] += terms[i];
            }
        }
    }
}

// MARK: Matrices of the last and the narrow axis

/// One such matrix: where it begins in both arrays, and the contiguous array's step along the narrow axis.
typedef struct matrix {
    ptrdiff_t strided_offset;
    size_t offset, step;
} matrix;

static matrix locate_matrix(const strided *w, size_t index) {
    matrix m = {0, 0, 0};
    size_t stride = 1;
    for (int axis = w->rank - 1; axis >= 0; axis--) {
        if (axis == w->narrow) {
            m.step = stride;
        } else if (axis != w->rank - 1) {
            size_t position = index % w->shape[axis];
            index /= w->shape[axis];
            m.strided_offset += (ptrdiff_t)position * w->strides[axis];
            m.offset += position * stride;
        }
        stride *= w->shape[axis];
    }
    return m;
}

/// The columns of a matrix that make a unit of work: stretches of the narrow axis.
#define HONE_STRETCH ((size_t)64)

static size_t stretches(const strided *w) { return (w->shape[w->narrow] + HONE_STRETCH - 1) / HONE_STRETCH; }

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void copy_matrices(void *context, size_t first, size_t last) {
    const strided *w = context;
    size_t per_matrix = stretches(w), rows = w->shape[w->rank - 1], columns = w->shape[w->narrow];
    while (first < last) {
        matrix m = locate_matrix(w, first / per_matrix);
        size_t begin = first % per_matrix, end = smaller(per_matrix, begin + last - first);
        size_t column = begin * HONE_STRETCH, width = smaller(end * HONE_STRETCH, columns) - column;
        w->kernels->transpose(w->from + m.strided_offset + column, w->strides[w->rank - 1],
                              w->to + m.offset + column * m.step, (ptrdiff_t)m.step, rows, width);
        first += end - begin;
    }
}

static void add_matrices(void *context, size_t first, size_t last) {
    const strided *w = context;
    size_t per_matrix = stretches(w), rows = w->shape[w->rank - 1], columns = w->shape[w->narrow];
    ptrdiff_t step = w->strides[w->rank - 1];
    float square[HONE_STRETCH * HONE_STRETCH];
    for (size_t unit = first; unit < last; unit++) {
        matrix m = locate_matrix(w, unit / per_matrix);
        size_t column = unit % per_matrix * HONE_STRETCH, width = smaller(HONE_STRETCH, columns - column);
        for (size_t row = 0; row < rows; row += HONE_STRETCH) {
            size_t height = smaller(HONE_STRETCH, rows - row);
            const void *terms = w->terms + m.offset + column * m.step + row;
            w->kernels->transpose(terms, (ptrdiff_t)m.step, (void *)square, (ptrdiff_t)HONE_STRETCH, width, height);
            for (size_t r = 0; r < height; r++) {
                float *sums = w->sums + m.strided_offset + (ptrdiff_t)(row + r) * step + (ptrdiff_t)column;
                for (size_t c = 0; c < width; c++) {
                    sums[c] += square[r * HONE_STRETCH + c];
                }
            }
        }
    }
}

/// Whether no two indices lead to one element, by a test that views of arrays pass: sorted by stride, each axis steps
/// over all that the ones before it reach.
static bool is_injective(const strided *w) {
    bool used[HONE_MAX_RANK + 1] = {false};
    size_t reach = 0;
    for (int count = 0; count < w->rank; count++) {
        int next = -1;
        size_t least = SIZE_MAX;
        for (int axis = 0; axis < w->rank; axis++) {
            ptrdiff_t stride = w->strides[axis];
            size_t length = stride < 0 ? (size_t)-stride : (size_t)stride;
            if (!used[axis] && w->shape[axis] > 1 && length < least) {
                least = length;
                next = axis;
            }
        }
        if (next < 0) {
            return true;
        }
        if (least <= reach) {
            return false;
        }
        used[next] = true;
        reach += least * (w->shape[next] - 1);
    }
    return true;
}

/// Units of `elements` each that are worth a thread.
static size_t grain(size_t elements) { return elements < HONE_PARALLEL_FROM ? HONE_PARALLEL_FROM / elements : 1; }

static void run(strided *w, size_t total, hone_task rows, hone_task matrices) {
    size_t n = w->shape[w->rank - 1];
    if (w->narrow < 0) {
        hone_parallel_for(total / n, grain(n), rows, w);
    } else {
        size_t area = n * w->shape[w->narrow];
        hone_parallel_for(total / area * stretches(w), grain(n * HONE_STRETCH), matrices, w);
    }
}

void hone_strided_copy(const void *x, const ptrdiff_t *strides, void *out, const size_t *shape, int rank) {
    strided w = {.kernels = tables[hone_table_row(HONE_ISA_AUTO)], .from = x, .to = out};
    size_t total = merge_axes(&w, shape, strides, rank);
    if (total > 0) {
        run(&w, total, copy_rows, copy_matrices);
    }
}

void hone_strided_add(float *x, const ptrdiff_t *strides, const float *y, const size_t *shape, int rank) {
    strided w = {.kernels = tables[hone_table_row(HONE_ISA_AUTO)], .sums = x, .terms = y};
    size_t total = merge_axes(&w, shape, strides, rank);
    if (total == 0) {
        return;
    }
    if (is_injective(&w)) {
        run(&w, total, add_rows, add_matrices);
    } else {
        // Elements of x take in several of y, in order.
        add_rows(&w, 0, total / w.shape[w.rank - 1]);
    }
}
