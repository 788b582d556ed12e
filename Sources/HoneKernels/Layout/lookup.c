// Rows of several tables side by side, such as the vectors of a data table's columns, in one pass.
#include <string.h>

#include "../VectorMath/blocks.h"
#include "hone/layout.h"
#include "hone/parallel.h"

typedef struct lookup_job {
    const hone_table *tables;
    size_t count, rows, width;
    const int32_t *index;
    // Forward.
    const float *beside;
    size_t beside_length;
    float *out;
    // Backward.
    const float *y;
} lookup_job;

static void lookup_task(void *context, size_t first, size_t last) {
    const lookup_job *j = context;
    for (size_t i = first; i < last; i++) {
        float *to = j->out + i * j->width;
        for (size_t t = 0; t < j->count; t++) {
            size_t length = j->tables[t].length;
            memcpy(to, j->tables[t].rows + (size_t)j->index[i * j->count + t] * length, length * sizeof *to);
            to += length;
        }
        if (j->beside_length) {
            memcpy(to, j->beside + i * j->beside_length, j->beside_length * sizeof *to);
        }
    }
}

static size_t grain(size_t elements) { return elements < HONE_PARALLEL_FROM ? HONE_PARALLEL_FROM / (elements + 1) : 1; }

void hone_lookup_rows(const hone_table *tables, size_t count, const int32_t *index, size_t rows, const float *beside,
                      size_t beside_length, float *out) {
    lookup_job j = {.tables = tables, .count = count, .rows = rows, .width = beside_length, .index = index,
                    .beside = beside, .beside_length = beside_length, .out = out};
    for (size_t t = 0; t < count; t++) {
        j.width += tables[t].length;
    }
    hone_parallel_for(rows, grain(j.width), lookup_task, &j);
}

/// Tasks take tables: rows of one may meet, and must then be added in order.
static void add_task(void *context, size_t first, size_t last) {
    const lookup_job *j = context;
    size_t start = 0;
    for (size_t t = 0; t < last; t++) {
        hone_table table = j->tables[t];
        if (t >= first && table.rows) {
            for (size_t i = 0; i < j->rows; i++) {
                float *to = table.rows + (size_t)j->index[i * j->count + t] * table.length;
                const float *from = j->y + i * j->width + start;
                for (size_t column = 0; column < table.length; column++) {
                    to[column] += from[column];
                }
            }
        }
        start += table.length;
    }
}

void hone_lookup_add(const hone_table *tables, size_t count, const int32_t *index, size_t rows, const float *y,
                     size_t width) {
    lookup_job j = {.tables = tables, .count = count, .rows = rows, .width = width, .index = index, .y = y};
    if (count) {
        hone_parallel_for(count, grain(rows * width / count), add_task, &j);
    }
}
