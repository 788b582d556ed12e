// Group normalisation (Wu and He 2018). One image's group is one unit of work.
#include <math.h>

#include "hone/parallel.h"
#include "layer_norm.h"
#include "scratch.h"

static const hone_normalization_kernels *const tables[] = HONE_TABLES(hone_normalization);

enum { most_spread = 16 << 10 };  // parameters, once for each element of a plane, that stay in the cache

typedef struct job {
    const hone_normalization_kernels *kernels;
    hone_group_norm g;
    size_t channels;  // of a group
    const float *x, *gamma, *beta, *mean, *rstd, *dy;
    float *y, *mean_out, *rstd_out, *dx, *dgamma, *dbeta;
    bool accumulate, accumulate_parameters;
    hone_two_sums *sums;  // of g and g * (x - mean), for each channel of each image
} job;

static float scale_of(const job *j, size_t channel) { return j->gamma ? j->gamma[channel] : 1; }

static void forward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    size_t spatial = j->g.spatial, length = j->channels * spatial;
    for (size_t unit = begin; unit < end; unit++) {
        const float *x = j->x + unit * length;
        float *y = j->y + unit * length;
        hone_two_sums m = j->kernels->row_moments(x, length);
        float rstd = (float)(1 / sqrt(m.second + (double)j->g.epsilon));
        size_t channel = unit % j->g.groups * j->channels;
        for (size_t c = 0; c < j->channels; c++, channel++) {
            hone_affine a = {(float)m.first, scale_of(j, channel) * rstd, j->beta ? j->beta[channel] : 0, false};
            j->kernels->affine((hone_stretches){1, 0, spatial}, &a, x + c * spatial, y + c * spatial);
        }
        if (j->mean_out) {
            j->mean_out[unit] = (float)m.first;
        }
        if (j->rstd_out) {
            j->rstd_out[unit] = rstd;
        }
    }
}

static void backward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    size_t spatial = j->g.spatial, length = j->channels * spatial;
    hone_stretches plane = {1, 0, spatial};
    for (size_t unit = begin; unit < end; unit++) {
        const float *x = j->x + unit * length, *dy = j->dy + unit * length;
        hone_two_sums *sums = j->sums + unit * j->channels, all = {0, 0};
        hone_gradient g = {.affine = {.mean = j->mean[unit]}, .takes_x = true, .accumulate = j->accumulate};
        size_t first = unit % j->g.groups * j->channels;
        for (size_t c = 0; c < j->channels; c++) {
            double scale = scale_of(j, first + c);
            sums[c] = j->kernels->gradient_sums(plane, &g.affine, x + c * spatial, dy + c * spatial);
            all.first += scale * sums[c].first;
            all.second += scale * sums[c].second;
        }
        if (!j->dx) {
            continue;
        }
        double rstd = j->rstd[unit], share = rstd / (double)length;
        g.constant = (float)(-share * all.first);
        g.of_x = (float)(-share * rstd * rstd * all.second);
        for (size_t c = 0; c < j->channels; c++) {
            g.of_dy = (float)rstd * scale_of(j, first + c);
            j->kernels->gradient(plane, &g, x + c * spatial, dy + c * spatial, j->dx + unit * length + c * spatial);
        }
    }
}

static void parameters_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t channel = begin; channel < end; channel++) {
        double gamma = 0, beta = 0;
        for (size_t image = 0; j->g.spatial && image < j->g.batch; image++) {
            hone_two_sums sums = j->sums[image * j->g.channels + channel];
            gamma += sums.second * (double)j->rstd[image * j->g.groups + channel / j->channels];
            beta += sums.first;
        }
        if (j->dgamma) {
            j->dgamma[channel] = (float)(j->accumulate_parameters ? (double)j->dgamma[channel] + gamma : gamma);
        }
        if (j->dbeta) {
            j->dbeta[channel] = (float)(j->accumulate_parameters ? (double)j->dbeta[channel] + beta : beta);
        }
    }
}

/// Channels of small planes are gone through side by side, as rows of a group: for that every element of a plane gets
/// its channel's parameter. NULL stays NULL.
static const float *spread(const float *parameters, size_t channels, size_t spatial, float *to) {
    for (size_t i = 0; parameters && i < channels * spatial; i++) {
        to[i] = parameters[i / spatial];
    }
    return parameters ? to : NULL;
}

static bool by_rows(const hone_group_norm *g) {
    return g->spatial < HONE_NORM_PLANE && g->channels * g->spatial <= most_spread;
}

void hone_group_norm_forward(hone_isa isa, const hone_group_norm *g, const float *x, const float *gamma,
                             const float *beta, float *y, float *mean, float *rstd) {
    size_t width = g->channels * g->spatial, units = g->batch * g->groups;
    if (!width || !units) {
        return;
    }
    if (by_rows(g)) {
        float *wide = hone_scratch(HONE_SCRATCH_OF_PARAMETERS, 2 * width * sizeof *wide);
        hone_rows_job j = {.rows = {0, units, width / g->groups, g->groups, g->epsilon, true, NULL, NULL}, .x = x,
                           .y = y, .mean_out = mean, .rstd_out = rstd};
        j.rows.gamma = spread(gamma, g->channels, g->spatial, wide);
        j.rows.beta = spread(beta, g->channels, g->spatial, wide + width);
        hone_rows_forward(isa, &j);
        return;
    }
    job j = {.kernels = tables[hone_table_row(isa)], .g = *g, .channels = g->channels / g->groups, .x = x, .y = y,
             .gamma = gamma, .beta = beta, .mean_out = mean, .rstd_out = rstd};
    hone_parallel_for(units, hone_norm_grain(width / g->groups), forward_task, &j);
}

void hone_group_norm_backward(hone_isa isa, const hone_group_norm *g, const float *x, const float *gamma,
                              const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma,
                              float *dbeta, bool accumulate, bool accumulate_parameters) {
    size_t width = g->channels * g->spatial, units = g->batch * g->groups;
    if (!g->channels || !g->groups) {
        return;
    }
    if (g->spatial && by_rows(g)) {
        float *wide = hone_scratch(HONE_SCRATCH_OF_PARAMETERS, width * sizeof *wide);
        hone_rows_job j = {.rows = {0, units, width / g->groups, g->groups, 0, true, NULL, NULL}, .x = x, .mean = mean,
                           .rstd = rstd, .dy = dy, .dx = dx, .dgamma = dgamma, .dbeta = dbeta, .accumulate = accumulate,
                           .accumulate_parameters = accumulate_parameters, .repeat = g->spatial};
        j.rows.gamma = spread(gamma, g->channels, g->spatial, wide);
        hone_rows_backward(isa, &j);
        return;
    }
    job j = {.kernels = tables[hone_table_row(isa)], .g = *g, .channels = g->channels / g->groups, .x = x,
             .gamma = gamma, .mean = mean, .rstd = rstd, .dy = dy, .dx = dx, .dgamma = dgamma, .dbeta = dbeta,
             .accumulate = accumulate, .accumulate_parameters = accumulate_parameters};
    j.sums = hone_scratch(HONE_SCRATCH_OF_CALL, g->batch * g->channels * sizeof *j.sums);
    hone_parallel_for(units, hone_norm_grain(width / g->groups), backward_task, &j);
    if (dgamma || dbeta) {
        hone_parallel_for(g->channels, hone_norm_grain(4 * g->batch), parameters_task, &j);
    }
}
