// Reductions: how the work is cut. Every cut follows from the sizes alone, so that sums do not depend on the threads.
#include <math.h>
#include <stdlib.h>

#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_reduce_kernels *const tables[] = HONE_TABLES(hone_reduce);

/// The most pieces a long stretch is cut into.
#define HONE_MOST_PIECES 512

/// Elements in a piece of a stretch of n.
static size_t piece_length(size_t n) {
    size_t even = (n + HONE_MOST_PIECES - 1) / HONE_MOST_PIECES;
    even = hone_blocks(even) * HONE_BLOCK;
    return even > HONE_PARALLEL_FROM ? even : HONE_PARALLEL_FROM;
}

typedef enum whole { WHOLE_REDUCTION, WHOLE_SUM, WHOLE_SUM_SQUARES, WHOLE_DOT, WHOLE_FINITE } whole;

typedef struct stretch_job {
    const hone_reduce_kernels *kernels;
    whole what;
    hone_reduction op;
    const float *a, *b;
    size_t n, piece;
    double partial[HONE_MOST_PIECES];
} stretch_job;

static double reduce_stretch(const stretch_job *j, size_t from, size_t count) {
    switch (j->what) {
    case WHOLE_SUM:
        return j->kernels->sum(j->a + from, count);
    case WHOLE_SUM_SQUARES:
        return j->kernels->sum_squares(j->a + from, count);
    case WHOLE_DOT:
        return j->kernels->dot(j->a + from, j->b + from, count);
    case WHOLE_FINITE:
        return j->kernels->all_finite(j->a + from, count) ? 0.0 : 1.0;
    default:
        return j->kernels->stretch[j->op](j->a + from, count);
    }
}

static void stretch_task(void *context, size_t first, size_t last) {
    stretch_job *j = context;
    for (size_t p = first; p < last; p++) {
        size_t from = p * j->piece, left = j->n - from;
        j->partial[p] = reduce_stretch(j, from, left < j->piece ? left : j->piece);
    }
}

static double combine(hone_reduction op, double a, double b) {
    switch (op) {
    case HONE_REDUCE_MAX:
        return a != a || a > b ? a : b;
    case HONE_REDUCE_MIN:
        return a != a || a < b ? a : b;
    case HONE_REDUCE_PROD:
        return a * b;
    default:
        return a + b;
    }
}

static double reduce_whole(const hone_reduce_kernels *kernels, whole what, hone_reduction op, const float *a,
                           const float *b, size_t n) {
    stretch_job j;
    j.kernels = kernels;
    j.what = what;
    j.op = op;
    j.a = a;
    j.b = b;
    j.n = n;
    j.piece = piece_length(n);
    if (n <= j.piece) {
        return reduce_stretch(&j, 0, n);
    }
    size_t pieces = (n + j.piece - 1) / j.piece;
    hone_parallel_for(pieces, 1, stretch_task, &j);
    double result = j.partial[0];
    for (size_t p = 1; p < pieces; p++) {
        result = combine(op, result, j.partial[p]);
    }
    return result;
}

double hone_sum(hone_isa isa, const float *x, size_t n) {
    return reduce_whole(tables[hone_table_row(isa)], WHOLE_SUM, HONE_REDUCE_SUM, x, NULL, n);
}

double hone_sum_squares(hone_isa isa, const float *x, size_t n) {
    return reduce_whole(tables[hone_table_row(isa)], WHOLE_SUM_SQUARES, HONE_REDUCE_SUM, x, NULL, n);
}

double hone_dot(hone_isa isa, const float *a, const float *b, size_t n) {
    return reduce_whole(tables[hone_table_row(isa)], WHOLE_DOT, HONE_REDUCE_SUM, a, b, n);
}

bool hone_all_finite(hone_isa isa, const float *x, size_t n) {
    return reduce_whole(tables[hone_table_row(isa)], WHOLE_FINITE, HONE_REDUCE_SUM, x, NULL, n) == 0.0;
}

typedef struct matrix_job {
    const hone_reduce_kernels *kernels;
    hone_reduction op;
    const float *x;
    size_t length, inner;
    float *out;
    int32_t *indices;
    bool flag;  // whether to accumulate, or whether the largest is meant
    size_t block, blocks;  // columns in a block, and blocks per outer index
    size_t piece;  // rows
    double *partial;
} matrix_job;

/// Columns that one task takes: whole rows, nearly, of long matrices, which are to be read in order.
static size_t column_block(size_t length) { return length > 64 ? 4096 : 1024; }

static void rows_task(void *context, size_t first, size_t last) {
    const matrix_job *j = context;
    const float *x = j->x + first * j->length;
    if (j->indices) {
        j->kernels->arg_rows(j->flag, x, last - first, j->length, j->indices + first);
    } else {
        j->kernels->rows[j->op](x, last - first, j->length, j->out + first, j->flag);
    }
}

/// Units are blocks of columns, outer index by outer index.
static void columns_task(void *context, size_t first, size_t last) {
    const matrix_job *j = context;
    for (size_t unit = first; unit < last; unit++) {
        size_t outer = unit / j->blocks, column = (unit % j->blocks) * j->block;
        size_t width = j->inner - column < j->block ? j->inner - column : j->block;
        const float *x = j->x + outer * j->length * j->inner + column;
        size_t at = outer * j->inner + column;
        if (j->indices) {
            j->kernels->arg_columns(j->flag, x, j->length, j->inner, width, j->indices + at);
        } else {
            j->kernels->columns_to_float[j->op](x, j->length, j->inner, width, j->out + at, j->flag);
        }
    }
}

/// Units are pieces of the rows of one matrix.
static void pieces_task(void *context, size_t first, size_t last) {
    const matrix_job *j = context;
    for (size_t p = first; p < last; p++) {
        size_t from = p * j->piece, left = j->length - from;
        j->kernels->columns[j->op](j->x + from * j->inner, left < j->piece ? left : j->piece, j->inner, j->inner,
                                   j->partial + p * j->inner);
    }
}

/// Reduces the rows of one tall matrix in pieces. False when there is no memory for the partial results.
static bool reduce_tall(matrix_job *j, size_t outer) {
    size_t wanted = j->length * j->inner / (2 * HONE_PARALLEL_FROM);
    wanted = wanted < 2 ? 2 : wanted > 64 ? 64 : wanted;
    j->piece = (j->length / wanted + 63) / 64 * 64;
    size_t pieces = (j->length + j->piece - 1) / j->piece;
    j->partial = malloc(pieces * j->inner * sizeof(double));
    if (!j->partial) {
        return false;
    }
    const float *x = j->x;
    for (size_t o = 0; o < outer; o++) {
        j->x = x + o * j->length * j->inner;
        hone_parallel_for(pieces, 1, pieces_task, j);
        float *out = j->out + o * j->inner;
        for (size_t p = 1; p < pieces; p++) {
            for (size_t column = 0; column < j->inner; column++) {
                j->partial[column] = combine(j->op, j->partial[column], j->partial[p * j->inner + column]);
            }
        }
        for (size_t column = 0; column < j->inner; column++) {
            double result = j->partial[column];
            out[column] = j->flag ? (float)((double)out[column] + result) : (float)result;
        }
    }
    free(j->partial);
    j->x = x;
    return true;
}

static size_t at_least_one(size_t count) { return count > 0 ? count : 1; }

void hone_reduce(hone_isa isa, hone_reduction op, const float *x, size_t outer, size_t length, size_t inner,
                 float *out, bool accumulate) {
    if (outer == 0 || inner == 0) {
        return;
    }
    matrix_job j = {.kernels = tables[hone_table_row(isa)], .op = op, .x = x, .length = length, .inner = inner,
                    .out = out, .flag = accumulate};
    if (inner == 1 && length <= HONE_PARALLEL_FROM) {
        size_t grain = HONE_PARALLEL_FROM / at_least_one(length);
        if (outer <= grain) {
            j.kernels->rows[op](x, outer, length, out, accumulate);
        } else {
            hone_parallel_for(outer, grain, rows_task, &j);
        }
        return;
    }
    if (inner == 1) {
        for (size_t o = 0; o < outer; o++) {
            double result = reduce_whole(j.kernels, WHOLE_REDUCTION, op, x + o * length, NULL, length);
            out[o] = accumulate ? (float)((double)out[o] + result) : (float)result;
        }
        return;
    }
    j.block = column_block(length);
    j.blocks = (inner + j.block - 1) / j.block;
    if (outer * j.blocks < 16 && length * inner > 2 * HONE_PARALLEL_FROM && length >= 128 && reduce_tall(&j, outer)) {
        return;
    }
    size_t unit = length * (inner < j.block ? inner : j.block);
    hone_parallel_for(outer * j.blocks, at_least_one(HONE_PARALLEL_FROM / at_least_one(unit)), columns_task, &j);
}

void hone_arg_extreme(hone_isa isa, bool largest, const float *x, size_t outer, size_t length, size_t inner,
                      int32_t *out) {
    if (outer == 0 || inner == 0 || length == 0) {
        return;
    }
    matrix_job j = {.kernels = tables[hone_table_row(isa)], .x = x, .length = length, .inner = inner, .indices = out,
                    .flag = largest};
    if (inner == 1) {
        hone_parallel_for(outer, at_least_one(HONE_PARALLEL_FROM / length), rows_task, &j);
        return;
    }
    j.block = column_block(0);
    j.blocks = (inner + j.block - 1) / j.block;
    size_t unit = length * (inner < j.block ? inner : j.block);
    hone_parallel_for(outer * j.blocks, at_least_one(HONE_PARALLEL_FROM / unit), columns_task, &j);
}
