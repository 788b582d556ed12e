// Batch normalisation of channels with small planes or none: the batch is a matrix [batch, channels * spatial], of
// which each task takes the columns of some channels.
#include "batch_norm.h"

#include "hone/parallel.h"

enum {
    least_columns = 64,
    most_columns = 512,
    room = most_columns + HONE_NORM_PLANE,
    cached = 128 << 10,  // floats that stay in the second level of cache
};

/// Channels that a task takes.
static size_t channels_a_unit(const hone_batch_norm *b) {
    size_t columns = cached / b->batch, quarter = b->channels * b->spatial / 4;
    columns = hone_norm_least(columns, quarter > least_columns ? quarter : least_columns);
    columns = columns < least_columns ? least_columns : hone_norm_least(columns, most_columns);
    return (columns + b->spatial - 1) / b->spatial;
}

static size_t units(const hone_batch_norm *b) {
    size_t each = channels_a_unit(b);
    return (b->channels + each - 1) / each;
}

typedef struct block {
    size_t channel, channels;  // the first, and how many
    hone_columns columns;
} block;

static block block_of(const batch_job *j, size_t unit) {
    size_t each = channels_a_unit(&j->b), channel = unit * each;
    size_t channels = hone_norm_least(each, j->b.channels - channel);
    return (block){channel, channels, {j->b.batch, j->b.channels * j->b.spatial, channels * j->b.spatial}};
}

/// The statistics of each channel from those of its columns.
static void join_columns(const batch_job *j, block k, const float *shift, const double *sums, const double *squares) {
    double rows = (double)j->b.batch;
    size_t spatial = j->b.spatial;
    for (size_t c = 0; c < k.channels; c++) {
        double total = 0, deviations = 0;
        for (size_t i = c * spatial; i < (c + 1) * spatial; i++) {
            total += shift[i] + sums[i] / rows;
        }
        double mean = total / (double)spatial;
        for (size_t i = c * spatial; i < (c + 1) * spatial; i++) {
            double own = sums[i] / rows, distance = shift[i] + own - mean;
            deviations += squares[i] - own * sums[i] + rows * distance * distance;
        }
        hone_batch_statistics(j, k.channel + c, mean, deviations);
    }
}

/// Each channel's map, once for each of its columns.
static void spread_affine(const batch_job *j, block k, float *mean, float *scale, float *shift) {
    size_t spatial = j->b.spatial;
    for (size_t c = 0; c < k.channels; c++) {
        hone_affine a = hone_batch_affine(j, k.channel + c);
        for (size_t i = c * spatial; i < (c + 1) * spatial; i++) {
            mean[i] = a.mean;
            scale[i] = a.scale;
            shift[i] = a.shift;
        }
    }
}

static void forward_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    float mean[room], scale[room], shift[room];
    double sums[room], squares[room];
    hone_column_affine a = {mean, scale, shift, j->b.relu};
    for (size_t unit = begin; unit < end; unit++) {
        block k = block_of(j, unit);
        size_t at = k.channel * j->b.spatial;
        if (j->training) {
            j->kernels->column_moments(k.columns, j->x + at, shift, sums, squares);
            join_columns(j, k, shift, sums, squares);
        }
        spread_affine(j, k, mean, scale, shift);
        j->kernels->column_affine(k.columns, &a, j->x + at, j->y + at);
    }
}

static void backward_task(void *context, size_t begin, size_t end) {
    const batch_job *j = context;
    float mean[room], scale[room], shift[room], of_x[room], constant[room];
    double sums[room], products[room];
    hone_column_affine a = {mean, scale, shift, j->b.relu};
    hone_column_gradient g = {a, scale, of_x, constant, j->accumulate};
    for (size_t unit = begin; unit < end; unit++) {
        block k = block_of(j, unit);
        size_t spatial = j->b.spatial, at = k.channel * spatial;
        spread_affine(j, k, mean, scale, shift);
        if (j->needs_sums) {
            j->kernels->column_gradient_sums(k.columns, &a, j->x + at, j->dy + at, sums, products);
        }
        for (size_t c = 0; c < k.channels; c++) {
            hone_two_sums channel = {0, 0};
            for (size_t i = c * spatial; j->needs_sums && i < (c + 1) * spatial; i++) {
                channel.first += sums[i];
                channel.second += products[i];
            }
            hone_batch_parameters(j, k.channel + c, channel);
            hone_gradient own = hone_batch_gradient(j, k.channel + c, channel);
            for (size_t i = c * spatial; i < (c + 1) * spatial; i++) {
                of_x[i] = own.of_x;
                constant[i] = own.constant;
            }
        }
        if (j->dx) {
            j->kernels->column_gradient(k.columns, &g, j->x + at, j->dy + at, j->dx + at);
        }
    }
}

static size_t grain(const batch_job *j) {
    return hone_norm_grain(channels_a_unit(&j->b) * j->b.spatial * j->b.batch);
}

void hone_column_norm_forward(batch_job *j) { hone_parallel_for(units(&j->b), grain(j), forward_task, j); }

void hone_column_norm_backward(batch_job *j) { hone_parallel_for(units(&j->b), grain(j), backward_task, j); }
