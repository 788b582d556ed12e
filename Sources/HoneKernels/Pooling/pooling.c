// Pooling: planes are spread over the threads.
#include <math.h>

#include "../Normalization/scratch.h"
#include "hone/parallel.h"
#include "kernels.h"

static const hone_pooling_kernels *const tables[] = HONE_TABLES(hone_pooling);

/// Elements that are worth a thread.
#define HONE_POOLING_GRAIN ((size_t)32768)

typedef struct job {
    const hone_pooling_kernels *kernels;
    hone_pooling_plan plan;
    const float *x, *dy;
    float *y, *dx;
    const int32_t *saved;
    int32_t *indices;
    bool accumulate;
} job;

static size_t area(const hone_pooling *p) { return p->height * p->width; }
static size_t out_area(const hone_pooling *p) { return p->out_height * p->out_width; }
static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void for_planes(job *j, hone_task task) {
    const hone_pooling *p = &j->plan.p;
    size_t work = area(p) + out_area(p), grain = HONE_POOLING_GRAIN / (work ? work : 1);
    hone_parallel_for(p->planes, grain ? grain : 1, task, j);
}

/// The layout of rows by phases. Returns memory for `bytes` more that hold for the call.
static void *plan_phases(job *j, size_t bytes) {
    hone_pooling_plan *plan = &j->plan;
    const hone_pooling *p = &plan->p;
    size_t lanes = j->kernels->lanes, reach = (p->kernel_width - 1) * p->dilation_width;
    size_t columns = (p->out_width + lanes - 1) / lanes * lanes;
    plan->phases.length = columns + reach / p->stride_width + 1;
    plan->phases.row = plan->phases.length * p->stride_width;
    size_t room = plan->phases.row > p->pad_width ? plan->phases.row - p->pad_width : 0;
    plan->phases.taken = smaller(p->width, room);
    size_t rows = (p->kernel_height - 1) * p->dilation_height + 1;
    plan->ring_rows = smaller(rows, p->height);
    plan->pairs = p->kernel_height == 2 && p->kernel_width == 2 && p->stride_height == 2 && p->stride_width == 2
               && !p->pad_height && !p->pad_width && p->dilation_height == 1 && p->dilation_width == 1
               && 2 * p->out_height <= p->height && 2 * p->out_width <= p->width;
    size_t *taps = hone_scratch(HONE_SCRATCH_OF_CALL, p->kernel_width * sizeof *taps + bytes);
    for (size_t tap = 0; tap < p->kernel_width; tap++) {
        size_t at = tap * p->dilation_width;
        taps[tap] = at % p->stride_width * plan->phases.length + at / p->stride_width;
    }
    plan->taps = taps;
    return taps + p->kernel_width;
}

static void fill(float *line, float value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        line[i] = value;
    }
}

// Max pooling.

static void max_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_pooling_plan *plan = &j->plan;
    float *lines = NULL;
    ptrdiff_t *held = NULL;
    if (!plan->pairs) {
        size_t floats = plan->ring_rows * plan->phases.row;
        held = hone_scratch(HONE_SCRATCH_OF_TASK, plan->ring_rows * sizeof *held + floats * sizeof *lines);
        lines = (float *)(void *)(held + plan->ring_rows);
        fill(lines, -INFINITY, floats);
    }
    for (size_t plane = begin; plane < end; plane++) {
        size_t at = plane * out_area(&plan->p);
        int32_t *indices = j->indices ? j->indices + at : NULL;
        j->kernels->max(plan, j->x + plane * area(&plan->p), j->y + at, indices, lines, held);
    }
}

/// The first column within the plane of every window, for a window of elements that are all -infinity.
static void set_first_columns(const hone_pooling *p, int32_t *columns) {
    for (size_t i = 0; i < p->out_width; i++) {
        size_t at = i * p->stride_width, taps = 0;
        while (at < p->pad_width && taps < p->kernel_width) {
            at += p->dilation_width;
            taps++;
        }
        bool inside = taps < p->kernel_width && at - p->pad_width < p->width;
        columns[i] = inside ? (int32_t)(at - p->pad_width) : -1;
    }
}

void hone_max_pool(hone_isa isa, const hone_pooling *p, const float *x, float *y, int32_t *indices) {
    job j = {.kernels = tables[hone_table_row(isa)], .plan = {.p = *p}, .x = x, .y = y, .indices = indices};
    if (!p->planes || !out_area(p)) {
        return;
    }
    int32_t *columns = plan_phases(&j, p->out_width * sizeof *columns);
    set_first_columns(p, columns);
    j.plan.first_column = columns;
    for_planes(&j, max_task);
}

static void max_backward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_pooling *p = &j->plan.p;
    for (size_t plane = begin; plane < end; plane++) {
        size_t at = plane * out_area(p);
        j->kernels->max_backward(&j->plan, j->saved + at, j->dy + at, j->dx + plane * area(p), j->accumulate);
    }
}

void hone_max_pool_backward(hone_isa isa, const hone_pooling *p, const int32_t *indices, const float *dy, float *dx,
                            bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .plan = {.p = *p}, .saved = indices, .dy = dy, .dx = dx,
             .accumulate = accumulate};
    plan_phases(&j, 0);
    for_planes(&j, max_backward_task);
}

// Average pooling.

/// How many rows (or columns) of each window count: within the plane, or up to the end of the padding.
static void count_windows(float *counts, size_t windows, size_t size, size_t kernel, size_t stride, size_t pad,
                          bool with_pad) {
    for (size_t i = 0; i < windows; i++) {
        size_t begin = i * stride, end = smaller(begin + kernel, size + 2 * pad);
        if (!with_pad) {
            begin = begin > pad ? begin : pad;
            end = smaller(end, size + pad);
        }
        counts[i] = end > begin ? (float)(end - begin) : 1;  // an empty window's sum is 0
    }
}

static void plan_average(job *j, bool count_include_pad, size_t divisor) {
    const hone_pooling *p = &j->plan.p;
    float *counts = plan_phases(j, (p->out_height + p->out_width) * sizeof *counts);
    if (divisor) {
        fill(counts, (float)divisor, p->out_height);
        fill(counts + p->out_height, 1, p->out_width);
    } else {
        count_windows(counts, p->out_height, p->height, p->kernel_height, p->stride_height, p->pad_height,
                      count_include_pad);
        count_windows(counts + p->out_height, p->out_width, p->width, p->kernel_width, p->stride_width, p->pad_width,
                      count_include_pad);
    }
    j->plan.row_counts = counts;
    j->plan.column_counts = counts + p->out_height;
}

static void average_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_pooling_plan *plan = &j->plan;
    float *lines = hone_scratch(HONE_SCRATCH_OF_TASK, (plan->phases.row + plan->p.width) * sizeof *lines);
    fill(lines, 0, plan->phases.row);
    for (size_t plane = begin; plane < end; plane++) {
        size_t at = plane * area(&plan->p), out = plane * out_area(&plan->p);
        if (j->y) {
            j->kernels->average(plan, j->x + at, j->y + out, lines);
        } else {
            j->kernels->average_backward(plan, j->dy + out, j->dx + at, j->accumulate, lines);
        }
    }
}

void hone_average_pool(hone_isa isa, const hone_pooling *p, bool count_include_pad, size_t divisor, const float *x,
                       float *y) {
    job j = {.kernels = tables[hone_table_row(isa)], .plan = {.p = *p}, .x = x, .y = y};
    j.plan.p.dilation_height = j.plan.p.dilation_width = 1;
    if (!p->planes || !out_area(p)) {
        return;
    }
    plan_average(&j, count_include_pad, divisor);
    for_planes(&j, average_task);
}

void hone_average_pool_backward(hone_isa isa, const hone_pooling *p, bool count_include_pad, size_t divisor,
                                const float *dy, float *dx, bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .plan = {.p = *p}, .dy = dy, .dx = dx, .accumulate = accumulate};
    j.plan.p.dilation_height = j.plan.p.dilation_width = 1;
    plan_average(&j, count_include_pad, divisor);
    for_planes(&j, average_task);
}
