// Softmax: rows are spread over the threads.
#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_reduce_kernels *const tables[] = HONE_TABLES(hone_reduce);

typedef struct job {
    const hone_reduce_kernels *kernels;
    const float *x, *dy;
    float *y;
    size_t columns;
    bool logarithm, accumulate;
} job;

static void forward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    size_t from = first * j->columns;
    j->kernels->softmax(j->logarithm, j->x + from, j->y + from, last - first, j->columns);
}

static void backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    size_t from = first * j->columns;
    j->kernels->softmax_backward(j->logarithm, j->x + from, j->dy + from, j->y + from, last - first, j->columns,
                                 j->accumulate);
}

/// Rows that are worth a thread.
static size_t grain(size_t columns) {
    size_t rows = HONE_PARALLEL_FROM / 4 / (columns > 0 ? columns : 1);
    return rows > 0 ? rows : 1;
}

void hone_softmax(hone_isa isa, bool logarithm, const float *x, float *y, size_t rows, size_t columns) {
    job j = {.kernels = tables[hone_table_row(isa)], .x = x, .y = y, .columns = columns, .logarithm = logarithm};
    if (rows <= grain(columns)) {
        forward_task(&j, 0, rows);
    } else {
        hone_parallel_for(rows, grain(columns), forward_task, &j);
    }
}

void hone_softmax_backward(hone_isa isa, bool logarithm, const float *y, const float *dy, float *dx, size_t rows,
                           size_t columns, bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .x = y, .dy = dy, .y = dx, .columns = columns,
             .logarithm = logarithm, .accumulate = accumulate};
    if (rows <= grain(columns)) {
        backward_task(&j, 0, rows);
    } else {
        hone_parallel_for(rows, grain(columns), backward_task, &j);
    }
}
