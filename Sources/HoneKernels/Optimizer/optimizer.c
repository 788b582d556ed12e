// Optimizer steps: options become single-precision constants once, then one pass over the arrays.
#include <math.h>

#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_optimizer_kernels *const tables[] = HONE_TABLES(hone_optimizer);

/// From here a second thread is worth waking: some four arrays go by.
#define HONE_STEP_GRAIN (HONE_PARALLEL_FROM / 4)

typedef struct sgd_job {
    hone_sgd_kernel kernel;
    hone_sgd_constants constants;
    float *p, *buffer;
    const float *g;
    size_t n;
} sgd_job;

static void sgd_task(void *context, size_t first, size_t last) {
    const sgd_job *j = context;
    size_t from = first * HONE_BLOCK, count = hone_block_end(last, j->n) - from;
    j->kernel(&j->constants, j->p + from, j->g + from, j->buffer ? j->buffer + from : NULL, count);
}

void hone_sgd_step(hone_isa isa, const hone_sgd *options, float *p, const float *g, float *buffer, size_t n) {
    const hone_optimizer_kernels *kernels = tables[hone_table_row(isa)];
    sgd_job j = {.p = p, .buffer = buffer, .g = g, .n = n};
    j.constants.rate = (float)options->rate;
    j.constants.momentum = (float)options->momentum;
    j.constants.undamped = (float)(1.0 - options->dampening);
    j.constants.decay = options->decoupled ? 0.0f : (float)options->decay;
    j.constants.shrink = options->decoupled ? (float)(1.0 - options->rate * options->decay) : 1.0f;
    if (options->momentum == 0.0 || !buffer) {
        j.kernel = kernels->sgd_plain;
    } else if (options->first) {
        j.kernel = options->nesterov ? kernels->sgd_first_nesterov : kernels->sgd_first;
    } else {
        j.kernel = options->nesterov ? kernels->sgd_nesterov : kernels->sgd_momentum;
    }
    if (n <= HONE_STEP_GRAIN) {
        j.kernel(&j.constants, p, g, buffer, n);
    } else {
        hone_for_blocks(n, HONE_STEP_GRAIN, sgd_task, &j);
    }
}

typedef struct adam_job {
    hone_adam_kernel kernel;
    hone_adam_constants constants;
    float *p, *m, *v, *max_v;
    const float *g;
    size_t n;
} adam_job;

static void adam_task(void *context, size_t first, size_t last) {
    const adam_job *j = context;
    size_t from = first * HONE_BLOCK, count = hone_block_end(last, j->n) - from;
    j->kernel(&j->constants, j->p + from, j->g + from, j->m + from, j->v + from, j->max_v ? j->max_v + from : NULL,
              count);
}

void hone_adam_step(hone_isa isa, const hone_adam *options, float *p, const float *g, float *m, float *v, float *max_v,
                    size_t n) {
    const hone_optimizer_kernels *kernels = tables[hone_table_row(isa)];
    double correction1 = 1.0 - pow(options->beta1, (double)options->step);
    double correction2 = 1.0 - pow(options->beta2, (double)options->step);
    adam_job j = {.kernel = max_v ? kernels->adam_maximum : kernels->adam, .p = p, .m = m, .v = v, .max_v = max_v,
                  .g = g, .n = n};
    j.constants.beta1 = (float)options->beta1;
    j.constants.rest1 = (float)(1.0 - options->beta1);
    j.constants.beta2 = (float)options->beta2;
    j.constants.rest2 = (float)(1.0 - options->beta2);
    j.constants.rate = (float)(options->rate / correction1);
    j.constants.root = (float)(1.0 / sqrt(correction2));
    j.constants.epsilon = (float)options->epsilon;
    j.constants.decay = options->decoupled ? 0.0f : (float)options->decay;
    j.constants.shrink = options->decoupled ? (float)(1.0 - options->rate * options->decay) : 1.0f;
    if (n <= HONE_STEP_GRAIN) {
        j.kernel(&j.constants, p, g, m, v, max_v, n);
    } else {
        hone_for_blocks(n, HONE_STEP_GRAIN, adam_task, &j);
    }
}
