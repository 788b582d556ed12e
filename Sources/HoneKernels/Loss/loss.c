// Losses: rows or stretches are cut into pieces by the sizes alone, and the pieces are added in order.
#include <math.h>

#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_loss_kernels *const tables[] = HONE_TABLES(hone_loss);

#define HONE_MOST_PIECES 256

typedef struct job {
    const hone_loss_kernels *kernels;
    hone_rows rows;
    const float *x, *y, *g;
    float *out;
    size_t n, piece;
    float scale;
    int op;
    bool accumulate, by_target;
    double partial[HONE_MOST_PIECES], counts[HONE_MOST_PIECES];
} job;

/// Items in a piece: at least `least`, and few enough pieces for the partial results.
static size_t piece_length(size_t n, size_t least) {
    size_t even = (n + HONE_MOST_PIECES - 1) / HONE_MOST_PIECES;
    size_t length = even > least ? even : least;
    return (length + 15) / 16 * 16;
}

static size_t rows_worth_a_thread(size_t classes) {
    size_t rows = HONE_PARALLEL_FROM / 8 / (classes > 0 ? classes : 1);
    return rows > 16 ? rows : 16;
}

static ptrdiff_t first_bad_row(const int32_t *labels, int64_t ignore_index, size_t rows, size_t classes) {
    uint32_t limit = classes > INT32_MAX ? INT32_MAX : (uint32_t)classes;
    for (size_t row = 0; row < rows; row++) {
        if ((uint32_t)labels[row] >= limit && labels[row] != ignore_index) {
            return (ptrdiff_t)row;
        }
    }
    return -1;
}

static void cross_entropy_task(void *context, size_t first, size_t last) {
    job *j = context;
    for (size_t p = first; p < last; p++) {
        size_t from = p * j->piece, to = from + j->piece < j->n ? from + j->piece : j->n;
        j->counts[p] = 0.0;
        j->partial[p] = j->kernels->cross_entropy(&j->rows, j->x, from, to, j->out, &j->counts[p]);
    }
}

double hone_cross_entropy(hone_isa isa, const float *logits, const int32_t *labels, const float *weights,
                          int64_t ignore_index, size_t rows, size_t classes, float *probabilities, double *count,
                          ptrdiff_t *bad_row) {
    *count = 0.0;
    *bad_row = first_bad_row(labels, ignore_index, rows, classes);
    if (*bad_row >= 0) {
        return NAN;
    }
    const hone_loss_kernels *kernels = tables[hone_table_row(isa)];
    const hone_rows shape = {labels, weights, ignore_index, classes};
    size_t piece = piece_length(rows, rows_worth_a_thread(classes));
    if (rows <= piece) {
        return kernels->cross_entropy(&shape, logits, 0, rows, probabilities, count);
    }
    job j;
    j.kernels = kernels;
    j.rows = shape;
    j.x = logits;
    j.out = probabilities;
    j.n = rows;
    j.piece = piece;
    size_t pieces = (rows + piece - 1) / piece;
    hone_parallel_for(pieces, 1, cross_entropy_task, &j);
    double loss = 0.0;
    for (size_t p = 0; p < pieces; p++) {
        loss += j.partial[p];
        *count += j.counts[p];
    }
    return loss;
}

static void cross_entropy_backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    j->kernels->cross_entropy_backward(&j->rows, j->x, j->scale, first, last, j->out, j->accumulate);
}

void hone_cross_entropy_backward(hone_isa isa, const float *probabilities, const int32_t *labels, const float *weights,
                                 int64_t ignore_index, float scale, size_t rows, size_t classes, float *dx,
                                 bool accumulate) {
    const hone_loss_kernels *kernels = tables[hone_table_row(isa)];
    const hone_rows shape = {labels, weights, ignore_index, classes};
    size_t grain = 8 * rows_worth_a_thread(classes);
    if (rows <= grain) {
        kernels->cross_entropy_backward(&shape, probabilities, scale, 0, rows, dx, accumulate);
        return;
    }
    job j;
    j.kernels = kernels;
    j.rows = shape;
    j.x = probabilities;
    j.out = dx;
    j.scale = scale;
    j.accumulate = accumulate;
    hone_parallel_for(rows, grain, cross_entropy_backward_task, &j);
}

static void squared_error_task(void *context, size_t first, size_t last) {
    job *j = context;
    for (size_t p = first; p < last; p++) {
        size_t from = p * j->piece, left = j->n - from;
        j->partial[p] = j->kernels->squared_error(j->x + from, j->y + from, left < j->piece ? left : j->piece);
    }
}

double hone_squared_error(hone_isa isa, const float *x, const float *y, size_t n) {
    const hone_loss_kernels *kernels = tables[hone_table_row(isa)];
    size_t piece = piece_length(n, HONE_PARALLEL_FROM);
    if (n <= piece) {
        return kernels->squared_error(x, y, n);
    }
    job j;
    j.kernels = kernels;
    j.x = x;
    j.y = y;
    j.n = n;
    j.piece = piece;
    size_t pieces = (n + piece - 1) / piece;
    hone_parallel_for(pieces, 1, squared_error_task, &j);
    double total = 0.0;
    for (size_t p = 0; p < pieces; p++) {
        total += j.partial[p];
    }
    return total;
}

static void squared_error_backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    size_t from = first * HONE_BLOCK, count = hone_block_end(last, j->n) - from;
    j->kernels->squared_error_backward(j->x + from, j->y + from, j->scale, j->out + from, count, j->accumulate);
}

void hone_squared_error_backward(hone_isa isa, const float *x, const float *y, float scale, float *dx, size_t n,
                                 bool accumulate) {
    const hone_loss_kernels *kernels = tables[hone_table_row(isa)];
    if (n <= HONE_PARALLEL_FROM) {
        kernels->squared_error_backward(x, y, scale, dx, n, accumulate);
        return;
    }
    job j;
    j.kernels = kernels;
    j.x = x;
    j.y = y;
    j.out = dx;
    j.scale = scale;
    j.n = n;
    j.accumulate = accumulate;
    hone_for_blocks(n, HONE_PARALLEL_FROM, squared_error_backward_task, &j);
}

static void pair_task(void *context, size_t first, size_t last) {
    const job *j = context;
    size_t from = first * HONE_BLOCK, count = hone_block_end(last, j->n) - from;
    j->kernels->pair[j->op](j->x + from, j->y + from, j->scale, j->out + from, count);
}

void hone_pair_losses(hone_isa isa, hone_pair_loss op, const float *x, const float *y, float p, float *out, size_t n) {
    const hone_loss_kernels *kernels = tables[hone_table_row(isa)];
    if (n <= HONE_PARALLEL_FROM) {
        kernels->pair[op](x, y, p, out, n);
        return;
    }
    job j;
    j.kernels = kernels;
    j.op = (int)op;
    j.x = x;
    j.y = y;
    j.scale = p;
    j.out = out;
    j.n = n;
    hone_for_blocks(n, HONE_PARALLEL_FROM, pair_task, &j);
}

static void pair_backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    size_t from = first * HONE_BLOCK, count = hone_block_end(last, j->n) - from;
    j->kernels->pair_backward[j->by_target][j->op](j->x + from, j->y + from, j->scale, j->g + from, j->out + from, count,
                                                   j->accumulate);
}

void hone_pair_losses_backward(hone_isa isa, hone_pair_loss op, bool by_target, const float *x, const float *y, float p,
                               const float *g, float *dx, size_t n, bool accumulate) {
    const hone_loss_kernels *kernels = tables[hone_table_row(isa)];
    if (n <= HONE_PARALLEL_FROM) {
        kernels->pair_backward[by_target][op](x, y, p, g, dx, n, accumulate);
        return;
    }
    job j;
    j.kernels = kernels;
    j.op = (int)op;
    j.by_target = by_target;
    j.x = x;
    j.y = y;
    j.scale = p;
    j.g = g;
    j.out = dx;
    j.n = n;
    j.accumulate = accumulate;
    hone_for_blocks(n, HONE_PARALLEL_FROM, pair_backward_task, &j);
}
