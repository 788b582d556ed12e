// Adaptive pooling. Where the bins are all alike it is ordinary pooling; down to one element it is a reduction.
#include "../Normalization/scratch.h"
#include "hone/parallel.h"
#include "kernels.h"

static const hone_pooling_kernels *const tables[] = HONE_TABLES(hone_pooling);

/// Elements that are worth a thread.
#define HONE_ADAPTIVE_GRAIN ((size_t)32768)

typedef struct job {
    const hone_pooling_kernels *kernels;
    hone_pooling p;
    const float *x, *dy;
    float *y, *dx;
    const int32_t *saved;
    int32_t *indices;
    bool accumulate;
} job;

static size_t area(const hone_pooling *p) { return p->height * p->width; }
static size_t out_area(const hone_pooling *p) { return p->out_height * p->out_width; }

static void for_planes(job *j, hone_task task) {
    size_t work = area(&j->p) + out_area(&j->p), grain = HONE_ADAPTIVE_GRAIN / (work ? work : 1);
    hone_parallel_for(j->p.planes, grain ? grain : 1, task, j);
}

/// Whether all bins have the same size and none overlap; fills in the windows that they are then.
static bool even_bins(hone_pooling *p) {
    if (!out_area(p) || p->height % p->out_height || p->width % p->out_width || !area(p)) {
        return false;
    }
    p->kernel_height = p->stride_height = p->height / p->out_height;
    p->kernel_width = p->stride_width = p->width / p->out_width;
    p->pad_height = p->pad_width = 0;
    p->dilation_height = p->dilation_width = 1;
    return true;
}

static void mean_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t plane = begin; plane < end; plane++) {
        size_t at = plane * area(&j->p);
        if (j->y) {
            j->y[plane] = j->kernels->mean(j->x + at, area(&j->p));
        } else {
            j->kernels->spread(j->dy[plane] / (float)area(&j->p), j->dx + at, area(&j->p), j->accumulate);
        }
    }
}

static void average_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    float *lines = hone_scratch(HONE_SCRATCH_OF_TASK, j->p.width * sizeof *lines);
    for (size_t plane = begin; plane < end; plane++) {
        size_t at = plane * area(&j->p), out = plane * out_area(&j->p);
        if (j->y) {
            j->kernels->adaptive_average(&j->p, j->x + at, j->y + out, lines);
        } else {
            j->kernels->adaptive_average_backward(&j->p, j->dy + out, j->dx + at, j->accumulate, lines);
        }
    }
}

void hone_adaptive_average_pool(hone_isa isa, const hone_pooling *p, const float *x, float *y) {
    job j = {.kernels = tables[hone_table_row(isa)], .p = *p, .x = x, .y = y};
    if (!out_area(p)) {
        return;
    }
    if (out_area(p) == 1) {
        for_planes(&j, mean_task);
    } else if (even_bins(&j.p)) {
        hone_average_pool(isa, &j.p, false, 0, x, y);
    } else {
        for_planes(&j, average_task);
    }
}

void hone_adaptive_average_pool_backward(hone_isa isa, const hone_pooling *p, const float *dy, float *dx,
                                         bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .p = *p, .dy = dy, .dx = dx, .accumulate = accumulate};
    if (out_area(p) == 1) {
        for_planes(&j, mean_task);
    } else if (even_bins(&j.p)) {
        hone_average_pool_backward(isa, &j.p, false, 0, dy, dx, accumulate);
    } else {
        for_planes(&j, average_task);
    }
}

typedef struct span {
    size_t begin, end;
} span;

static span bin(size_t size, size_t bins, size_t index) {
    return (span){index * size / bins, ((index + 1) * size + bins - 1) / bins};
}

/// The index of the largest element of a bin: the first of equals, the last of NaNs.
static size_t largest(const float *x, size_t width, span rows, span columns) {
    size_t best = rows.begin * width + columns.begin;
    float value = x[best];
    for (size_t row = rows.begin; row < rows.end; row++) {
        for (size_t i = row * width + columns.begin; i < row * width + columns.end; i++) {
            if (x[i] > value || x[i] != x[i]) {
                value = x[i];
                best = i;
            }
        }
    }
    return best;
}

static void max_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_pooling *p = &j->p;
    for (size_t plane = begin; plane < end; plane++) {
        const float *x = j->x + plane * area(p);
        size_t out = plane * out_area(p);
        for (size_t i = 0; i < out_area(p); i++) {
            size_t row = i / p->out_width, column = i % p->out_width;
            size_t best = largest(x, p->width, bin(p->height, p->out_height, row), bin(p->width, p->out_width, column));
            j->y[out + i] = x[best];
            if (j->indices) {
                j->indices[out + i] = (int32_t)best;
            }
        }
    }
}

void hone_adaptive_max_pool(hone_isa isa, const hone_pooling *p, const float *x, float *y, int32_t *indices) {
    job j = {.kernels = tables[hone_table_row(isa)], .p = *p, .x = x, .y = y, .indices = indices};
    if (even_bins(&j.p)) {
        hone_max_pool(isa, &j.p, x, y, indices);
    } else if (area(p)) {
        for_planes(&j, max_task);
    }
}

static void max_backward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_pooling *p = &j->p;
    const hone_pooling_plan plan = {.p = *p};
    for (size_t plane = begin; plane < end; plane++) {
        size_t at = plane * out_area(p);
        j->kernels->max_backward(&plan, j->saved + at, j->dy + at, j->dx + plane * area(p), j->accumulate);
    }
}

void hone_adaptive_max_pool_backward(hone_isa isa, const hone_pooling *p, const int32_t *indices, const float *dy,
                                     float *dx, bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .p = *p, .saved = indices, .dy = dy, .dx = dx,
             .accumulate = accumulate};
    if (even_bins(&j.p)) {
        hone_max_pool_backward(isa, &j.p, indices, dy, dx, accumulate);
    } else {
        for_planes(&j, max_backward_task);
    }
}
