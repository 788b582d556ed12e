// Binary operations with broadcasting: axes are merged until few are left, then rows go to the kernels.
#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_elementwise_kernels *const tables[] = HONE_TABLES(hone_elementwise);

/// The longest run of a row that one call works on when rows themselves are cut.
#define HONE_ROW_PIECE ((size_t)16384)

/// A broadcast operation with its axes merged; the last axis is the row.
typedef struct broadcast {
    const hone_binary_kernel *kernels;  // by kind
    const float *a, *b;
    float *out;
    int rank;
    size_t shape[HONE_MAX_RANK], a_strides[HONE_MAX_RANK], b_strides[HONE_MAX_RANK];
    size_t pieces;  // of each row
} broadcast;

/// Drops axes of size 1 and merges neighbours that both operands walk as one. Returns the number of elements.
static size_t merge_axes(broadcast *w, const size_t *shape, const size_t *a_strides, const size_t *b_strides,
                         int rank) {
    size_t total = 1;
    int kept = 0;
    for (int axis = 0; axis < rank; axis++) {
        total *= shape[axis];
        if (shape[axis] == 1) {
            continue;
        }
        bool merges = kept > 0 && w->a_strides[kept - 1] == a_strides[axis] * shape[axis] &&
                      w->b_strides[kept - 1] == b_strides[axis] * shape[axis];
        if (merges) {
            kept--;
            w->shape[kept] *= shape[axis];
        } else {
            w->shape[kept] = shape[axis];
        }
        w->a_strides[kept] = a_strides[axis];
        w->b_strides[kept] = b_strides[axis];
        kept++;
    }
    if (kept == 0) {
        w->shape[0] = 1;
        w->a_strides[0] = w->b_strides[0] = 1;
        kept = 1;
    }
    w->rank = kept;
    return total;
}

/// Where the operands of row number `row` begin, and how many rows follow along the last but one axis.
static size_t locate(const broadcast *w, size_t row, size_t *a_offset, size_t *b_offset) {
    size_t left = 1;
    *a_offset = *b_offset = 0;
    for (int axis = w->rank - 2; axis >= 0; axis--) {
        size_t position = row % w->shape[axis];
        row /= w->shape[axis];
        *a_offset += position * w->a_strides[axis];
        *b_offset += position * w->b_strides[axis];
        if (axis == w->rank - 2) {
            left = w->shape[axis] - position;
        }
    }
    return left;
}

/// A row whose operands move in steps other than 0 and 1, or not at all: gathered bit by bit.
static void gathered_row(const broadcast *w, const float *a, size_t a_stride, const float *b, size_t b_stride,
                         float *out, size_t n) {
    enum { length = 256 };
    float a_buffer[length], b_buffer[length];
    for (size_t from = 0; from < n; from += length) {
        size_t count = n - from < length ? n - from : length;
        for (size_t i = 0; i < count; i++) {
            a_buffer[i] = a[(from + i) * a_stride];
            b_buffer[i] = b[(from + i) * b_stride];
        }
        w->kernels[HONE_BOTH_MOVE](a_buffer, 0, b_buffer, 0, out + from, 1, count);
    }
}

/// The kernel's kind for the last axis; -1 where only gathering will do.
static int kind_of_row(const broadcast *w) {
    size_t a_stride = w->a_strides[w->rank - 1], b_stride = w->b_strides[w->rank - 1];
    if (a_stride > 1 || b_stride > 1 || a_stride + b_stride == 0) {
        return -1;
    }
    return a_stride == 0 ? HONE_B_MOVES : b_stride == 0 ? HONE_A_MOVES : HONE_BOTH_MOVE;
}

/// Units are the rows, or pieces of them.
static void rows_task(void *context, size_t begin, size_t end) {
    const broadcast *w = context;
    int row_axis = w->rank - 1, kind = kind_of_row(w);
    size_t columns = w->shape[row_axis], a_stride = w->a_strides[row_axis], b_stride = w->b_strides[row_axis];
    size_t a_step = w->rank > 1 ? w->a_strides[w->rank - 2] : 0, b_step = w->rank > 1 ? w->b_strides[w->rank - 2] : 0;
    while (begin < end) {
        size_t row = begin / w->pieces, a_offset, b_offset;
        size_t left = locate(w, row, &a_offset, &b_offset);
        size_t from = (begin % w->pieces) * HONE_ROW_PIECE, count = columns, rows = 1;
        if (w->pieces > 1) {
            count = columns - from < HONE_ROW_PIECE ? columns - from : HONE_ROW_PIECE;
        } else if (kind >= 0) {
            rows = end - begin < left ? end - begin : left;
        }
        const float *a = w->a + a_offset + from * a_stride, *b = w->b + b_offset + from * b_stride;
        float *out = w->out + row * columns + from;
        if (kind >= 0) {
            w->kernels[kind](a, a_step, b, b_step, out, rows, count);
        } else {
            gathered_row(w, a, a_stride, b, b_stride, out, count);
        }
        begin += rows;
    }
}

/// The whole operation on the calling thread; up to two axes without the divisions that find a row.
static void run_small(broadcast *w) {
    int kind = kind_of_row(w);
    if (kind >= 0 && w->rank == 1) {
        w->kernels[kind](w->a, 0, w->b, 0, w->out, 1, w->shape[0]);
    } else if (kind >= 0 && w->rank == 2) {
        w->kernels[kind](w->a, w->a_strides[0], w->b, w->b_strides[0], w->out, w->shape[0], w->shape[1]);
    } else {
        size_t rows = 1;
        for (int axis = 0; axis < w->rank - 1; axis++) {
            rows *= w->shape[axis];
        }
        rows_task(w, 0, rows);
    }
}

void hone_binary(hone_isa isa, hone_binary_op op, const float *a, const size_t *a_strides, const float *b,
                 const size_t *b_strides, float *out, const size_t *shape, int rank) {
    const hone_elementwise_kernels *kernels = tables[hone_table_row(isa)];
    broadcast w;
    w.kernels = kernels->binary[op];
    w.a = a;
    w.b = b;
    w.out = out;
    w.pieces = 1;
    size_t total = merge_axes(&w, shape, a_strides, b_strides, rank);
    if (total == 0) {
        return;
    }
    size_t least = op == HONE_POW ? HONE_PARALLEL_FROM / 8 : HONE_PARALLEL_FROM;
    if (total <= least) {
        run_small(&w);
        return;
    }
    size_t columns = w.shape[w.rank - 1], rows = total / columns;
    if (columns >= 2 * HONE_ROW_PIECE) {
        w.pieces = (columns + HONE_ROW_PIECE - 1) / HONE_ROW_PIECE;
        hone_parallel_for(rows * w.pieces, (least + HONE_ROW_PIECE - 1) / HONE_ROW_PIECE, rows_task, &w);
    } else {
        hone_parallel_for(rows, (least + columns - 1) / columns, rows_task, &w);
    }
}
