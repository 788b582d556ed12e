// Convolution of images with few channels, as in a network's first layer: what would be panels of patches is hardly
// larger than x itself, and copying it would take longer than the arithmetic. An image is padded once and read in
// place.
#include "convolution_internal.h"

#include "hone/parallel.h"

#include <string.h>

enum {
    most_channels = 4,
    most_rows = 256,  // channels * taps
    most_parts = 16,  // of the batch, in which the gradient of the weights is summed
};

/// Everything about one call that its pieces share.
typedef struct job {
    const hone_conv_variant *variant;
    const hone_conv *conv;
    conv_padded padded;
    size_t lanes, channels, taps, rows, blocks;  // rows: channels * taps; blocks: of out channels
    size_t plane, out_plane;
    size_t room;  // floats of a padded image
    size_t offsets[most_rows];
    size_t bands;  // of rows of outputs in an image
    size_t parts, part_floats;
    const float *x, *dy, *bias;
    float *shared;  // the weights as [out block][row][lane], or the partial sums of their gradients
    float *to;
    bool relu;
} job;

bool hone_conv_direct_fits(const hone_conv *conv) {
    size_t rows = conv->in_channels * conv->kernel_height * conv->kernel_width, width = hone_conv_out_width(conv);
    if (conv->groups != 1 || conv->in_channels > most_channels || rows > most_rows) return false;
    // Vectors lie in one row of outputs; most of the last one should be in use.
    return 3 * width >= 2 * conv_round_up(width, conv_max_lanes);
}

static void set_up(job *job, const hone_conv_variant *variant, const hone_conv *conv) {
    *job = (struct job){.variant = variant, .conv = conv, .padded = hone_conv_padded_of(conv), .lanes = variant->lanes};
    job->channels = conv->in_channels;
    job->taps = conv->kernel_height * conv->kernel_width;
    job->rows = job->channels * job->taps;
    job->blocks = conv_quotient_up(conv->out_channels, job->lanes);
    job->plane = conv->height * conv->width;
    job->out_plane = job->padded.out_height * job->padded.out_width;
    // Vectors of outputs may end past the last one.
    job->room = conv_round_up(job->channels * job->padded.plane + job->lanes, conv_max_lanes);
    for (size_t row = 0; row < job->rows; row++) {
        size_t channel = row / job->taps;
        job->offsets[row] = channel * job->padded.plane + hone_conv_padded_offset(&job->padded, row % job->taps);
    }
}

static void pad_image(const job *job, size_t image, float *to) {
    const float *x = job->x + image * job->channels * job->plane;
    for (size_t c = 0; c < job->channels; c++) {
        hone_conv_pad(&job->padded, x + c * job->plane, to + c * job->padded.plane);
    }
}

// MARK: Forward

/// Rows of outputs. Out channels are the outer loop: the padded image stays in the first level of cache, while each
/// channel's plane of y is written from end to end.
static void convolve_rows(const job *job, size_t image, size_t begin, size_t end, const float *padded) {
    size_t width = job->padded.out_width, in_row = conv_quotient_up(width, job->lanes), all = (end - begin) * in_row;
    size_t outputs = job->conv->out_channels;
    direct_outputs tile = {.taps = job->rows, .offsets = job->offsets, .plane = job->out_plane, .relu = job->relu};
    for (size_t channel = 0, rows; channel < outputs; channel += rows) {
        rows = conv_least(job->variant->rows, outputs - channel);
        float *y = job->to + (image * outputs + channel) * job->out_plane, bias[conv_max_rows] = {0};
        tile.a = job->shared + channel / job->lanes * job->rows * job->lanes + channel % job->lanes;
        if (job->bias) memcpy(bias, job->bias + channel, rows * sizeof *bias);
        tile.bias = bias;
        size_t row = begin, column = 0;
        for (size_t v = 0, vectors; v < all; v += vectors) {
            vectors = conv_next_vectors(job->variant, all - v);
            for (size_t i = 0; i < vectors; i++) {
                size_t count = conv_least(job->lanes, width - column);
                const float *from = padded + row * job->padded.row + column;
                tile.vectors[i] = (direct_vector){from, y + row * width + column, count};
                column += count;
                if (column == width) {
                    column = 0;
                    row++;
                }
            }
            job->variant->direct_outputs[vectors - 1][rows - 1](&tile);
        }
    }
}

static void forward_bands(void *context, size_t begin, size_t end) {
    const job *job = context;
    float *padded = hone_conv_workspace(CONV_OWN, job->room);
    memset(padded, 0, job->room * sizeof *padded);
    size_t present = SIZE_MAX;
    for (size_t i = begin; i < end; i++) {
        size_t image = i / job->bands, band = i % job->bands, height = job->padded.out_height;
        if (image != present) pad_image(job, image, padded);
        present = image;
        size_t first = conv_share(height, job->bands, band), last = conv_share(height, job->bands, band + 1);
        convolve_rows(job, image, first, last, padded);
    }
}

void hone_conv_direct_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                              const float *bias, bool relu, float *y) {
    job job;
    set_up(&job, variant, conv);
    job.x = x;
    job.bias = bias;
    job.relu = relu;
    job.to = y;
    job.shared = hone_conv_workspace(CONV_SHARED, job.blocks * job.rows * job.lanes);
    for (size_t block = 0; block < job.blocks; block++) {
        size_t first = block * job.lanes;
        variant->to_lanes(&(conv_stretch){
            .plain = (float *)w + first * job.rows,
            .plane = job.rows,
            .planes = conv_least(job.lanes, conv->out_channels - first),
            .lanes = job.shared + first * job.rows,
            .count = job.rows,
            .width = job.rows,
            .left = job.rows,
        });
    }
    // Images are cut only where there are few.
    size_t wanted = 4 * (size_t)hone_threads();
    job.bands = conv_least(conv_quotient_up(wanted, conv->batch), job.padded.out_height);
    hone_parallel_for(conv->batch * job.bands, 1, forward_bands, &job);
}

// MARK: Gradient of the weights

/// Item: a part of the batch, to [out block][row][lane].
static void sum_parts(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t lanes = job->lanes, outputs = job->conv->out_channels, batch = job->conv->batch;
    float *padded = hone_conv_workspace(CONV_OWN, job->room + job->blocks * job->out_plane * lanes);
    float *gradients = padded + job->room;
    memset(padded, 0, job->room * sizeof *padded);
    direct_weights tile = {.x = padded, .row = job->padded.row, .height = job->padded.out_height};
    tile.width = job->padded.out_width;
    tile.b_vector = job->out_plane * lanes;
    tile.c_vector = job->rows * lanes;
    for (size_t part = begin; part < end; part++) {
        float *sums = job->shared + part * job->part_floats;
        size_t first = conv_share(batch, job->parts, part), last = conv_share(batch, job->parts, part + 1);
        for (size_t image = first; image < last; image++) {
            pad_image(job, image, padded);
            for (size_t block = 0; block < job->blocks; block++) {
                conv_stretch stretch = {.plane = job->out_plane, .lanes = gradients + block * tile.b_vector};
                stretch.plain = (float *)job->dy + (image * outputs + block * lanes) * job->out_plane;
                stretch.planes = conv_least(lanes, outputs - block * lanes);
                stretch.count = stretch.width = stretch.left = job->out_plane;
                job->variant->to_lanes(&stretch);
            }
            tile.accumulate = image > first;
            for (size_t block = 0, vectors; block < job->blocks; block += vectors) {
                vectors = conv_next_vectors(job->variant, job->blocks - block);
                tile.b = gradients + block * tile.b_vector;
                size_t tiles = conv_quotient_up(job->rows, job->variant->rows);
                for (size_t i = 0; i < tiles; i++) {
                    size_t row = conv_share(job->rows, tiles, i), rows = conv_share(job->rows, tiles, i + 1) - row;
                    tile.offsets = job->offsets + row;
                    tile.c = sums + block * tile.c_vector + row * lanes;
                    job->variant->direct_weights[vectors - 1][rows - 1](&tile);
                }
            }
        }
    }
}

void hone_conv_direct_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                      const float *dy, float *dw, bool accumulate) {
    job job;
    set_up(&job, variant, conv);
    job.x = x;
    job.dy = dy;
    // As many parts on one thread as on several, so that the sum is the same.
    job.parts = conv_least(most_parts, conv->batch);
    job.part_floats = job.blocks * job.rows * job.lanes;
    job.shared = hone_conv_workspace(CONV_SHARED, job.parts * job.part_floats);
    hone_parallel_for(job.parts, 1, sum_parts, &job);
    for (size_t part = 1; part < job.parts; part++) {
        for (size_t i = 0; i < job.part_floats; i++) job.shared[i] += job.shared[part * job.part_floats + i];
    }
    for (size_t block = 0; block < job.blocks; block++) {
        size_t first = block * job.lanes;
        conv_stretch stretch = {.plain = dw + first * job.rows, .plane = job.rows};
        stretch.lanes = job.shared + first * job.rows;
        stretch.planes = conv_least(job.lanes, conv->out_channels - first);
        stretch.count = stretch.width = stretch.left = job.rows;
        variant->from_lanes(&stretch, accumulate);
    }
}
