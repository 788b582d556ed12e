// Optimizer steps: options become single-precision constants once, then one pass over the arrays.
#include <math.h>

#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_optimizer_kernels *const tables[] = HONE_TABLES(hone_optimizer);

/// From here a second thread is worth waking: some four arrays go by.
#define HONE_STEP_GRAIN (HONE_PARALLEL_FROM / 4)

typedef struct rule_job {
    hone_rule_kernel kernel;
    const hone_rule_constants *constants;
    const hone_rule_arrays *arrays;
    size_t n;
} rule_job;

static void rule_task(void *context, size_t first, size_t last) {
    const rule_job *j = context;
    size_t from = first * HONE_BLOCK;
    j->kernel(j->constants, j->arrays, from, hone_block_end(last, j->n) - from);
}

static void run(hone_rule_kernel kernel, const hone_rule_constants *constants, const hone_rule_arrays *arrays,
                size_t n) {
    if (n <= HONE_STEP_GRAIN) {
        kernel(constants, arrays, 0, n);
    } else {
        rule_job j = {kernel, constants, arrays, n};
        hone_for_blocks(n, HONE_STEP_GRAIN, rule_task, &j);
    }
}

static const hone_optimizer_kernels *kernels_for(hone_isa isa) { return tables[hone_table_row(isa)]; }

/// What all options begin with.
#define HONE_INPUT(options) {(float)(options)->gain, (float)(options)->decay, (float)(options)->shrink}

void hone_sgd_step(hone_isa isa, const hone_sgd *options, float *p, const float *g, float *buffer, size_t n) {
    const hone_optimizer_kernels *kernels = kernels_for(isa);
    const hone_rule_constants c = {.input = HONE_INPUT(options), .rate = (float)options->rate,
                                   .momentum = (float)options->momentum,
                                   .undamped = (float)(1.0 - options->dampening)};
    const hone_rule_arrays a = {.p = p, .g = g, .first = buffer};
    hone_rule_kernel kernel = options->nesterov ? kernels->sgd_nesterov : kernels->sgd_momentum;
    if (options->momentum == 0.0 || !buffer) {
        kernel = kernels->sgd_plain;
    } else if (options->first) {
        kernel = options->nesterov ? kernels->sgd_first_nesterov : kernels->sgd_first;
    }
    run(kernel, &c, &a, n);
}

static hone_rule_constants adam_constants(const hone_adam *options) {
    return (hone_rule_constants){
        .input = HONE_INPUT(options), .beta1 = (float)options->beta1, .rest1 = (float)(1.0 - options->beta1),
        .beta2 = (float)options->beta2, .rest2 = (float)(1.0 - options->beta2), .mean = (float)options->mean,
        .direct = (float)options->direct, .square = (float)options->square,
        .direct_square = (float)options->direct_square, .root = (float)sqrt(options->square),
        .epsilon = (float)options->epsilon};
}

void hone_adam_step(hone_isa isa, const hone_adam *options, float *p, const float *g, float *m, float *v, float *max_v,
                    size_t n) {
    const hone_optimizer_kernels *kernels = kernels_for(isa);
    const hone_rule_constants c = adam_constants(options);
    const hone_rule_arrays a = {.p = p, .g = g, .first = m, .second = v, .third = max_v};
    bool blends = options->direct != 0.0 || options->direct_square != 0.0;
    run(max_v ? kernels->adam_maximum : blends ? kernels->adam_blend : kernels->adam, &c, &a, n);
}

void hone_lamb_direction(hone_isa isa, const hone_adam *options, const float *p, const float *g, float *m, float *v,
                         float *direction, size_t n) {
    const hone_rule_constants c = adam_constants(options);
    const hone_rule_arrays a = {.g = g, .first = m, .second = v, .third = direction, .start = p};
    run(kernels_for(isa)->lamb_direction, &c, &a, n);
}

void hone_adamax_step(hone_isa isa, const hone_adamax *options, float *p, const float *g, float *m, float *u,
                      size_t n) {
    const hone_rule_constants c = {.input = HONE_INPUT(options), .rate = (float)options->rate,
                                   .beta1 = (float)options->beta1, .rest1 = (float)(1.0 - options->beta1),
                                   .beta2 = (float)options->beta2, .epsilon = (float)options->epsilon};
    const hone_rule_arrays a = {.p = p, .g = g, .first = m, .second = u};
    run(kernels_for(isa)->adamax, &c, &a, n);
}

void hone_lion_step(hone_isa isa, const hone_lion *options, float *p, const float *g, float *m, size_t n) {
    const hone_rule_constants c = {.input = HONE_INPUT(options), .rate = (float)options->rate,
                                   .beta1 = (float)options->beta1, .rest1 = (float)(1.0 - options->beta1),
                                   .beta2 = (float)options->beta2, .rest2 = (float)(1.0 - options->beta2)};
    const hone_rule_arrays a = {.p = p, .g = g, .first = m};
    run(kernels_for(isa)->lion, &c, &a, n);
}

void hone_rms_step(hone_isa isa, const hone_rms *options, float *p, const float *g, float *v, float *mean, float *buffer,
                   size_t n) {
    const hone_rule_constants c = {.input = HONE_INPUT(options), .rate = (float)options->rate,
                                   .momentum = (float)options->momentum, .beta2 = (float)options->keep,
                                   .rest2 = (float)options->add, .epsilon = (float)options->epsilon};
    const hone_rule_arrays a = {.p = p, .g = g, .first = v, .second = mean, .third = buffer};
    run(kernels_for(isa)->rms[mean != NULL][!buffer ? 0 : options->nesterov ? 2 : 1], &c, &a, n);
}

void hone_adadelta_step(hone_isa isa, const hone_adadelta *options, float *p, const float *g, float *v, float *u,
                        size_t n) {
    const hone_rule_constants c = {.input = HONE_INPUT(options), .rate = (float)options->rate,
                                   .beta2 = (float)options->rho, .rest2 = (float)(1.0 - options->rho),
                                   .epsilon = (float)options->epsilon};
    const hone_rule_arrays a = {.p = p, .g = g, .first = v, .second = u};
    run(kernels_for(isa)->adadelta, &c, &a, n);
}

void hone_schedule_free_step(hone_isa isa, const hone_schedule_free *options, float *y, const float *g, float *z,
                             float *v, size_t n) {
    const hone_optimizer_kernels *kernels = kernels_for(isa);
    const hone_rule_constants c = {.input = HONE_INPUT(options), .rate = (float)options->y_rate,
                                   .momentum = (float)options->normal_decay, .beta2 = (float)options->beta2,
                                   .rest2 = (float)(1.0 - options->beta2), .root = (float)sqrt(options->square),
                                   .epsilon = (float)options->epsilon, .toward = (float)options->toward,
                                   .other_rate = (float)options->z_rate};
    const hone_rule_arrays a = {.p = y, .g = g, .first = z, .second = v};
    run(v ? kernels->schedule_free_adaptive : kernels->schedule_free, &c, &a, n);
}

void hone_move_toward(hone_isa isa, double weight, const float *target, float *p, size_t n) {
    const hone_rule_constants c = {.toward = (float)weight};
    const hone_rule_arrays a = {.p = p, .g = target};
    run(kernels_for(isa)->move_toward, &c, &a, n);
}

/// Blocks whose sums wait on the stack.
#define HONE_SUMMED_BLOCKS 256

typedef struct measure_job {
    hone_rule_kernel kernel;
    const hone_rule_constants *constants;
    hone_rule_arrays arrays;
    size_t begin, n;
    double sums[2 * HONE_SUMMED_BLOCKS];
} measure_job;

/// A block at a time, so that the sums do not depend on where tasks are cut.
static void measure_task(void *context, size_t first, size_t last) {
    measure_job *j = context;
    for (size_t block = first; block < last; block++) {
        hone_rule_arrays arrays = j->arrays;
        arrays.sums = j->sums + 2 * block;
        size_t from = block * HONE_BLOCK;
        j->kernel(j->constants, &arrays, j->begin + from, hone_block_end(block + 1, j->n) - from);
    }
}

void hone_prodigy_measure(hone_isa isa, const hone_prodigy *options, const float *p, const float *g, float *m, float *v,
                          float *s, const float *start, size_t n, double *product, double *size) {
    const hone_rule_constants c = {
        .input = HONE_INPUT(options), .beta1 = (float)options->beta1,
        .rest1 = (float)(options->d * (1.0 - options->beta1)), .beta2 = (float)options->beta2,
        .rest2 = (float)(options->d * options->d * (1.0 - options->beta2)), .beta3 = (float)options->beta3,
        .direct = (float)options->weight};
    measure_job j = {.kernel = kernels_for(isa)->prodigy_measure, .constants = &c};
    j.arrays = (hone_rule_arrays){.p = (float *)p, .g = g, .first = m, .second = v, .third = s, .start = start};
    *product = 0.0;
    *size = 0.0;
    for (size_t begin = 0; begin < n; begin += HONE_SUMMED_BLOCKS * HONE_BLOCK) {
        size_t rest = n - begin;
        j.begin = begin;
        j.n = rest < HONE_SUMMED_BLOCKS * HONE_BLOCK ? rest : HONE_SUMMED_BLOCKS * HONE_BLOCK;
        hone_for_blocks(j.n, HONE_STEP_GRAIN, measure_task, &j);
        for (size_t block = 0; block < hone_blocks(j.n); block++) {
            *product += j.sums[2 * block];
            *size += j.sums[2 * block + 1];
        }
    }
}

void hone_normalized_step(hone_isa isa, double shrink, double rate, double epsilon, float *p, const float *m,
                          const float *v, size_t n) {
    const hone_rule_constants c = {
        .input = {1.0f, 0.0f, (float)shrink}, .rate = (float)rate, .epsilon = (float)epsilon};
    const hone_rule_arrays a = {.p = p, .first = (float *)m, .second = (float *)v};
    run(kernels_for(isa)->normalized, &c, &a, n);
}

void hone_averaged_direction(hone_isa isa, const float *g, double fresh, double least, float *v, float *direction,
                             size_t n) {
    const hone_rule_constants c = {.toward = (float)fresh, .epsilon = (float)least};
    const hone_rule_arrays a = {.g = g, .second = v, .third = direction};
    run(kernels_for(isa)->averaged_direction, &c, &a, n);
}

typedef struct factored_job {
    const hone_optimizer_kernels *kernels;
    const float *g, *row, *column;
    float *direction;
    float least;
    size_t columns;
} factored_job;

static void factored_task(void *context, size_t first, size_t last) {
    const factored_job *j = context;
    for (size_t row = first; row < last; row++) {
        size_t from = row * j->columns;
        j->kernels->factored(j->g + from, j->row[row], j->column, j->least, j->direction + from, j->columns);
    }
}

void hone_factored_direction(hone_isa isa, const float *g, const float *row, const float *column, double least,
                             float *direction, size_t rows, size_t columns) {
    factored_job j = {kernels_for(isa), g, row, column, direction, (float)least, columns};
    hone_parallel_for(rows, HONE_STEP_GRAIN / (columns + 1) + 1, factored_task, &j);
}
