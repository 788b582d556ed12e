// Transposes, strided copies and rows by index.
#include <string.h>

#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_layout_kernels *const tables[] = HONE_TABLES(hone_layout);

/// A strip of a matrix, along its longer side, that one task transposes at least.
#define HONE_STRIP ((size_t)64)

typedef struct transpose_job {
    const hone_layout_kernels *kernels;
    const uint32_t *x;
    uint32_t *y;
    size_t rows, columns;
} transpose_job;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void transpose_task(void *context, size_t first, size_t last) {
    const transpose_job *j = context;
    size_t from = first * HONE_STRIP;
    if (j->rows >= j->columns) {
        j->kernels->transpose(j->x + from * j->columns, (ptrdiff_t)j->columns, j->y + from, (ptrdiff_t)j->rows,
                              smaller(last * HONE_STRIP, j->rows) - from, j->columns);
    } else {
        j->kernels->transpose(j->x + from, (ptrdiff_t)j->columns, j->y + from * j->rows, (ptrdiff_t)j->rows, j->rows,
                              smaller(last * HONE_STRIP, j->columns) - from);
    }
}

void hone_transpose(hone_isa isa, const void *x, void *y, size_t rows, size_t columns) {
    transpose_job j = {tables[hone_table_row(isa)], x, y, rows, columns};
    if (rows * columns <= HONE_PARALLEL_FROM) {
        j.kernels->transpose(x, (ptrdiff_t)columns, y, (ptrdiff_t)rows, rows, columns);
        return;
    }
    size_t longer = rows >= columns ? rows : columns;
    size_t grain = HONE_PARALLEL_FROM / (HONE_STRIP * smaller(rows, columns));
    hone_parallel_for((longer + HONE_STRIP - 1) / HONE_STRIP, grain > 0 ? grain : 1, transpose_task, &j);
}

typedef struct rows_job {
    const char *x;
    char *out;
    const int32_t *index;
    size_t bytes;
} rows_job;

static void gather_task(void *context, size_t first, size_t last) {
    const rows_job *j = context;
    for (size_t i = first; i < last; i++) {
        memcpy(j->out + i * j->bytes, j->x + (size_t)j->index[i] * j->bytes, j->bytes);
    }
}

void hone_gather_rows(const void *x, const int32_t *index, size_t count, size_t row_length, void *out) {
    if (row_length == 1) {
        // Labels and the like: one word each.
        const uint32_t *from = x;
        uint32_t *to = out;
        for (size_t i = 0; i < count; i++) {
            to[i] = from[index[i]];
        }
        return;
    }
    rows_job j = {x, out, index, row_length * 4};
    size_t grain = row_length > 0 ? HONE_PARALLEL_FROM / row_length : count;
    hone_parallel_for(count, grain > 0 ? grain : 1, gather_task, &j);
}

typedef struct scatter_job {
    float *x;
    const float *y;
    const int32_t *index;
    size_t count, row_length;
} scatter_job;

/// Columns that a task takes at least, in steps of a cache line.
#define HONE_SCATTER_COLUMNS ((size_t)16)

/// Tasks take columns, not rows: rows may meet, and must then be added in order.
static void scatter_task(void *context, size_t first, size_t last) {
    const scatter_job *j = context;
    size_t from = first * HONE_SCATTER_COLUMNS, to = last * HONE_SCATTER_COLUMNS;
    to = to < j->row_length ? to : j->row_length;
    for (size_t i = 0; i < j->count; i++) {
        float *target = j->x + (size_t)j->index[i] * j->row_length;
        const float *source = j->y + i * j->row_length;
        for (size_t column = from; column < to; column++) {
            target[column] += source[column];
        }
    }
}

void hone_scatter_add_rows(float *x, const int32_t *index, size_t count, size_t row_length, const float *y) {
    scatter_job j = {x, y, index, count, row_length};
    size_t units = (row_length + HONE_SCATTER_COLUMNS - 1) / HONE_SCATTER_COLUMNS;
    if (count * row_length <= HONE_PARALLEL_FROM || units < 2) {
        scatter_task(&j, 0, units);
    } else {
        hone_parallel_for(units, (units + 7) / 8, scatter_task, &j);
    }
}
