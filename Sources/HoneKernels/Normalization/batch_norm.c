// Batch normalisation (Ioffe and Szegedy 2015), in one of three orders:
//
// - channel by channel, where the planes of a channel stay in the cache between its statistics and the second pass;
// - image by image, where they do not: memory is then read in order, twice;
// - column by column, where planes are small (column_norm.c).
//
// Which one it is follows from the sizes alone, and so does the order of every sum.
#include "batch_norm.h"

#include <math.h>
#include <string.h>

#include "hone/parallel.h"
#include "scratch.h"

static const hone_normalization_kernels *const tables[] = HONE_TABLES(hone_normalization);

enum {
    most_pieces = 64,  // of images
    least_images = 4,  // for which it is worth going image by image
    cache_ways = 16,
    cache_way = 64 << 10,  // bytes: the second level of cache is at least as large as these ways together
};

static size_t elements(const hone_batch_norm *b) { return b->batch * b->spatial; }

hone_affine hone_batch_affine(const batch_job *j, size_t channel) {
    float gamma = j->gamma ? j->gamma[channel] : 1, beta = j->beta ? j->beta[channel] : 0;
    return (hone_affine){j->mean[channel], gamma * j->rstd[channel], beta, j->b.relu};
}

void hone_batch_statistics(const batch_job *j, size_t channel, double mean, double deviations) {
    double n = (double)elements(&j->b), variance = deviations / n;
    variance = variance < 0 ? 0 : variance;
    j->mean_out[channel] = (float)mean;
    j->rstd_out[channel] = (float)(1 / sqrt(variance + (double)j->b.epsilon));
    if (j->running_mean) {
        j->running_mean[channel] = (float)((1 - j->momentum) * (double)j->running_mean[channel] + j->momentum * mean);
    }
    if (j->running_var) {
        double unbiased = n > 1 ? variance * (n / (n - 1)) : variance;
        j->running_var[channel] = (float)((1 - j->momentum) * (double)j->running_var[channel] + j->momentum * unbiased);
    }
}

/// In terms of the sums of g and of g * (x - mean), dx = gamma rstd (g - sum / n - (x - mean) rstd^2 product / n).
hone_gradient hone_batch_gradient(const batch_job *j, size_t channel, hone_two_sums sums) {
    hone_gradient g = {.affine = hone_batch_affine(j, channel), .takes_x = j->training, .accumulate = j->accumulate};
    g.of_dy = g.affine.scale;
    if (j->training) {
        double n = (double)elements(&j->b), rstd = j->rstd[channel], scale = g.affine.scale;
        g.of_x = (float)(-scale * rstd * rstd * sums.second / n);
        g.constant = (float)(-scale * sums.first / n);
    }
    return g;
}

void hone_batch_parameters(const batch_job *j, size_t channel, hone_two_sums sums) {
    if (j->dgamma) {
        double own = sums.second * (double)j->rstd[channel];
        j->dgamma[channel] = (float)(j->accumulate_parameters ? (double)j->dgamma[channel] + own : own);
    }
    if (j->dbeta) {
        double own = sums.first;
        j->dbeta[channel] = (float)(j->accumulate_parameters ? (double)j->dbeta[channel] + own : own);
    }
}

// Channel by channel.

static hone_stretches planes_of(const batch_job *j, size_t count) {
    return (hone_stretches){count, j->b.channels * j->b.spatial, j->b.spatial};
}

/// Images whose mean is the shift that sums of squares are about: a thirty-second of all at least, so that the distance
/// of the shift from the mean, squared, is at most about 32 times the variance, whatever the data are.
static size_t shift_images(const batch_job *j) { return (j->b.batch + 31) / 32; }

static float shift_of(const batch_job *j, size_t channel) {
    hone_stretches first = planes_of(j, shift_images(j));
    double sum = j->kernels->moments(first, j->x + channel * j->b.spatial, 0).first;
    float shift = (float)(sum / (double)(first.count * first.n));
    return isfinite(shift) ? shift : 0;
}

static void note_statistics(const batch_job *j, size_t channel, float shift, hone_two_sums m) {
    double n = (double)elements(&j->b), own = m.first / n;
    hone_batch_statistics(j, channel, shift + own, m.second - own * m.first);
}

static void channels_forward_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    hone_stretches planes = planes_of(j, j->b.batch);
    for (size_t channel = begin; channel < end; channel++) {
        size_t at = channel * j->b.spatial;
        if (j->training) {
            float shift = shift_of(j, channel);
            note_statistics(j, channel, shift, j->kernels->moments(planes, j->x + at, shift));
        }
        hone_affine a = hone_batch_affine(j, channel);
        j->kernels->affine(planes, &a, j->x + at, j->y + at);
    }
}

static void channels_backward_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    hone_stretches planes = planes_of(j, j->b.batch);
    for (size_t channel = begin; channel < end; channel++) {
        size_t at = channel * j->b.spatial;
        hone_two_sums sums = {0, 0};
        if (j->needs_sums) {
            hone_affine a = hone_batch_affine(j, channel);
            sums = j->kernels->gradient_sums(planes, &a, j->x + at, j->dy + at);
        }
        hone_batch_parameters(j, channel, sums);
        if (j->dx) {
            hone_gradient g = hone_batch_gradient(j, channel, sums);
            j->kernels->gradient(planes, &g, j->x + at, j->dy + at, j->dx + at);
        }
    }
}

// Image by image. `sums` is [pieces, channels]; the first piece's become those of the whole batch.

typedef struct image_span {
    size_t begin, end;
} image_span;

/// The images of a piece. The second pass takes pieces and images the other way round: what the first one ended with
/// may still be in the cache.
static image_span images_of(const batch_job *j, size_t piece) {
    size_t batch = j->b.batch;
    return (image_span){hone_norm_begin(batch, j->pieces, piece), hone_norm_begin(batch, j->pieces, piece + 1)};
}

static void shifts_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    for (size_t channel = begin; channel < end; channel++) {
        j->shifts[channel] = shift_of(j, channel);
    }
}

static void images_sums_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    hone_stretches plane = planes_of(j, 1);
    for (size_t piece = begin; piece < end; piece++) {
        hone_two_sums *sums = j->sums + piece * j->b.channels;
        image_span images = images_of(j, piece);
        for (size_t image = images.begin; image < images.end; image++) {
            for (size_t channel = 0; channel < j->b.channels; channel++) {
                size_t at = (image * j->b.channels + channel) * j->b.spatial;
                hone_two_sums own;
                if (j->dy) {
                    hone_affine a = hone_batch_affine(j, channel);
                    own = j->kernels->gradient_sums(plane, &a, j->x + at, j->dy + at);
                } else {
                    own = j->kernels->moments(plane, j->x + at, j->shifts[channel]);
                }
                if (image == images.begin) {
                    sums[channel] = own;
                } else {
                    sums[channel].first += own.first;
                    sums[channel].second += own.second;
                }
            }
        }
    }
}

static void images_apply_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    hone_stretches plane = planes_of(j, 1);
    for (size_t unit = begin; unit < end; unit++) {
        image_span images = images_of(j, j->pieces - 1 - unit);
        for (size_t image = images.end; image-- > images.begin;) {
            for (size_t channel = 0; channel < j->b.channels; channel++) {
                size_t at = (image * j->b.channels + channel) * j->b.spatial;
                if (j->dy) {
                    hone_gradient g = hone_batch_gradient(j, channel, j->sums[channel]);
                    j->kernels->gradient(plane, &g, j->x + at, j->dy + at, j->dx + at);
                } else {
                    hone_affine a = hone_batch_affine(j, channel);
                    j->kernels->affine(plane, &a, j->x + at, j->y + at);
                }
            }
        }
    }
}

/// Sums over all images.
static void sum_images(const batch_job *j) {
    size_t channels = j->b.channels;
    hone_parallel_for(j->pieces, hone_norm_grain(elements(&j->b) / j->pieces * channels), images_sums_task, (void *)j);
    for (size_t i = channels; i < j->pieces * channels; i++) {
        j->sums[i % channels].first += j->sums[i].first;
        j->sums[i % channels].second += j->sums[i].second;
    }
}

/// Cuts the batch into pieces if it is better gone through image by image than channel by channel.
static bool by_images(batch_job *j, bool two_passes) {
    const hone_batch_norm *b = &j->b;
    size_t plane = b->spatial * sizeof(float), stride = b->channels * plane, all = b->batch * stride;
    // Where the planes of a channel are a multiple of a power of two apart, few places of the cache can hold them.
    size_t apart = stride & -stride, places = cache_way / hone_norm_least(apart, cache_way);
    size_t room = cache_ways * places * hone_norm_least(plane, apart);
    bool fits = b->batch * plane <= hone_norm_least(room, cache_ways * cache_way) / 4;
    if (b->batch < least_images || (two_passes && fits && b->channels > least_images)) {
        return false;
    }
    size_t pieces = all / sizeof(float) / HONE_NORM_GRAIN;
    j->pieces = pieces < 1 ? 1 : hone_norm_least(pieces, hone_norm_least(b->batch, most_pieces));
    if (two_passes) {
        j->sums = hone_scratch(HONE_SCRATCH_OF_CALL, b->channels * (j->pieces * sizeof *j->sums + sizeof *j->shifts));
        j->shifts = (float *)(void *)(j->sums + j->pieces * b->channels);
    }
    return true;
}

static void apply_by_images(batch_job *j) {
    hone_parallel_for(j->pieces, hone_norm_grain(elements(&j->b) / j->pieces * j->b.channels), images_apply_task, j);
}

static void forward(batch_job *j) {
    size_t channels = j->b.channels, n = elements(&j->b);
    if (!channels || !n) {
        return;
    }
    if (j->b.spatial < HONE_NORM_PLANE) {
        hone_column_norm_forward(j);
    } else if (!by_images(j, j->training)) {
        hone_parallel_for(channels, hone_norm_grain(n), channels_forward_task, j);
    } else {
        if (j->training) {
            hone_parallel_for(channels, hone_norm_grain(shift_images(j) * j->b.spatial), shifts_task, j);
            sum_images(j);
            for (size_t channel = 0; channel < channels; channel++) {
                note_statistics(j, channel, j->shifts[channel], j->sums[channel]);
            }
        }
        apply_by_images(j);
    }
}

static void backward(batch_job *j) {
    size_t channels = j->b.channels, n = elements(&j->b);
    if (channels && n && j->b.spatial < HONE_NORM_PLANE) {
        hone_column_norm_backward(j);
    } else if (channels && n && by_images(j, true)) {
        if (j->needs_sums) {
            sum_images(j);
        } else {
            memset(j->sums, 0, channels * sizeof *j->sums);
        }
        for (size_t channel = 0; channel < channels; channel++) {
            hone_batch_parameters(j, channel, j->sums[channel]);
        }
        if (j->dx) {
            apply_by_images(j);
        }
    } else {
        // With an empty batch, the parameters' gradients are those of empty sums.
        hone_parallel_for(channels, hone_norm_grain(n), channels_backward_task, j);
    }
}

void hone_batch_norm_training(hone_isa isa, const hone_batch_norm *b, const float *x, const float *gamma,
                              const float *beta, double momentum, float *running_mean, float *running_var, float *y,
                              float *mean, float *rstd) {
    batch_job j = {.kernels = tables[hone_table_row(isa)], .b = *b, .training = true, .x = x, .y = y, .gamma = gamma,
                   .beta = beta, .mean = mean, .rstd = rstd, .mean_out = mean, .rstd_out = rstd,
                   .momentum = momentum, .running_mean = running_mean, .running_var = running_var};
    forward(&j);
}

void hone_batch_norm_inference(hone_isa isa, const hone_batch_norm *b, const float *x, const float *gamma,
                               const float *beta, const float *running_mean, const float *running_var, float *y,
                               float *rstd) {
    batch_job j = {.kernels = tables[hone_table_row(isa)], .b = *b, .x = x, .y = y, .gamma = gamma, .beta = beta,
                   .mean = running_mean};
    float *own = rstd ? rstd : hone_scratch(HONE_SCRATCH_OF_CALL, b->channels * sizeof *own);
    for (size_t channel = 0; channel < b->channels; channel++) {
        own[channel] = (float)(1 / sqrt((double)running_var[channel] + (double)b->epsilon));
    }
    j.rstd = own;
    forward(&j);
}

void hone_batch_norm_backward(hone_isa isa, const hone_batch_norm *b, bool training, const float *x, const float *gamma,
                              const float *beta, const float *mean, const float *rstd, const float *dy, float *dx,
                              float *dgamma, float *dbeta, bool accumulate, bool accumulate_parameters) {
    batch_job j = {.kernels = tables[hone_table_row(isa)], .b = *b, .training = training, .x = x, .gamma = gamma,
                   .beta = beta, .mean = mean, .rstd = rstd, .dy = dy, .dx = dx, .dgamma = dgamma, .dbeta = dbeta,
                   .accumulate = accumulate, .accumulate_parameters = accumulate_parameters,
                   .needs_sums = (training && dx) || dgamma || dbeta};
    backward(&j);
}
