// Convolution as a multiplication by a matrix that is never made ("implicit GEMM"): for everything that has no better
// way.
//
// The matrix of patches, [channel and tap][output], is made a panel at a time: some hundred rows for three vectors of
// outputs, which stay in the first level of cache while they are multiplied. With the weights as [out channel][channel
// and tap], per group:
//
//     y  = weights * patches                    a panel's outputs over all rows of patches
//     dx = scattered(transposed weights * dy)   a panel's patches over all out channels, then added up
//     dw = dy * transposed patches              summed over all panels, as [channel and tap][out channel]
//
// Outputs are numbered through all images, so that a panel may hold those of several. Where work is cut for the
// threads, each element is summed by one of them in an order given by the sizes alone.
#include "convolution_internal.h"

#include "hone/parallel.h"

#include <string.h>

enum {
    panel_rows = 128,  // of patches, about: with three vectors 24 KiB
    gradient_vectors = 8,  // of outputs in a panel of the weights' gradient
    gradient_rows = 256,  // of patches in a piece of the weights' gradient
    partial_floats = 1 << 20,  // of partial sums of the weights' gradient
};

/// Multiply-adds that a piece of work for another thread should have.
static const size_t piece_work = (size_t)1 << 18;

/// Everything about one call that its pieces share.
typedef struct job {
    const hone_conv_variant *variant;
    const hone_conv *conv;
    size_t out_width, plane, out_plane;  // plane: pixels of an image
    size_t taps, channels, outputs, rows;  // channels, outputs: of a group; rows: channels * taps
    size_t lanes;
    const float *x, *w, *y, *bias;
    float *to;
    const float *packed;  // the weights
    size_t packed_group;  // floats of one group of them
    bool relu, accumulate;
    size_t pieces;  // of a group
    size_t step;  // channels at a time
    size_t images;  // in a piece
    size_t parts;  // of the sum over outputs
} job;

static job job_of(const hone_conv_variant *variant, const hone_conv *conv) {
    job job = {.variant = variant, .conv = conv, .lanes = variant->lanes};
    job.out_width = hone_conv_out_width(conv);
    job.plane = conv->height * conv->width;
    job.out_plane = job.out_width * hone_conv_out_height(conv);
    job.taps = conv->kernel_height * conv->kernel_width;
    job.channels = conv->in_channels / conv->groups;
    job.outputs = conv->out_channels / conv->groups;
    job.rows = job.channels * job.taps;
    job.step = conv_most(1, panel_rows / job.taps);
    // Whole blocks of lanes, where that is near.
    if (2 * job.step > job.lanes) job.step = (job.step + job.lanes / 2) / job.lanes * job.lanes;
    return job;
}

static size_t grain(size_t work) { return conv_most(1, piece_work / conv_most(1, work)); }

/// The outputs `begin..<end` as pieces and as runs; x and y are the tensors' first elements of the group.
typedef struct outputs {
    conv_piece pieces[gradient_vectors * conv_max_lanes];
    conv_run runs[gradient_vectors * conv_max_lanes];
    size_t piece_count, run_count;
} outputs;

static void list_outputs(const job *job, size_t begin, size_t end, const float *x, const float *y, outputs *list) {
    list->piece_count = list->run_count = 0;
    size_t image = begin / job->out_plane, pixel = begin % job->out_plane, last_image = SIZE_MAX;
    for (size_t slot = 0; begin + slot < end;) {
        size_t row = pixel / job->out_width, column = pixel % job->out_width;
        size_t in_vector = job->lanes - slot % job->lanes;
        size_t count = conv_least(conv_least(job->out_width - column, in_vector), end - begin - slot);
        const float *from = x + image * job->conv->in_channels * job->plane;
        list->pieces[list->piece_count++] = (conv_piece){(float *)from, slot, count, row, column};
        if (image == last_image && slot % job->lanes) {
            list->runs[list->run_count - 1].count += count;
        } else {
            const float *plain = y + image * job->conv->out_channels * job->out_plane + pixel;
            list->runs[list->run_count++] = (conv_run){(float *)plain, job->out_plane, slot, count};
        }
        last_image = image;
        slot += count;
        pixel += count;
        if (pixel == job->out_plane) {
            pixel = 0;
            image++;
        }
    }
}

/// Pieces of forward and backward_input cut images into panels of about equally many vectors.
static size_t panel_count(const job *job, size_t outputs) {
    return conv_quotient_up(conv_quotient_up(outputs, job->lanes), job->variant->vectors);
}

// MARK: The weights, packed

/// [group][block][step][lane]: block and lane are an out channel and step a row of patches, or, `transposed`, the other
/// way round.
typedef struct packing {
    const job *job;
    bool transposed;
    float *to;
} packing;

static void pack_blocks(void *context, size_t begin, size_t end) {
    const packing *packing = context;
    const job *job = packing->job;
    size_t lanes = job->lanes, along = packing->transposed ? job->rows : job->outputs;
    size_t steps = packing->transposed ? job->outputs : job->rows, blocks = conv_quotient_up(along, lanes);
    for (size_t i = begin; i < end; i++) {
        size_t group = i / blocks, first = i % blocks * lanes, count = conv_least(lanes, along - first);
        float *to = packing->to + i * steps * lanes;
        const float *from = job->w + group * job->outputs * job->rows;
        if (packing->transposed) {
            conv_run run = {(float *)from + first, job->rows, 0, count};
            if (count < lanes) memset(to, 0, steps * lanes * sizeof *to);
            job->variant->gather_plain(&run, to, steps);
        } else {
            conv_stretch stretch = {.plain = (float *)from + first * job->rows, .plane = job->rows, .planes = count};
            stretch.lanes = to;
            stretch.count = stretch.width = stretch.left = steps;
            job->variant->to_lanes(&stretch);
        }
    }
}

static void pack_weights(job *job, bool transposed) {
    size_t along = transposed ? job->rows : job->outputs, steps = transposed ? job->outputs : job->rows;
    size_t blocks = conv_quotient_up(along, job->lanes), groups = job->conv->groups;
    job->packed_group = blocks * job->lanes * steps;
    packing packing = {job, transposed, hone_conv_workspace(CONV_SHARED, groups * job->packed_group)};
    hone_parallel_for(groups * blocks, grain(steps * job->lanes * 16), pack_blocks, &packing);
    job->packed = packing.to;
}

// MARK: Forward

static void forward_pieces(void *context, size_t begin, size_t end) {
    const job *job = context;
    const hone_conv_variant *variant = job->variant;
    size_t lanes = job->lanes, widest = variant->vectors * lanes, total = job->conv->batch * job->out_plane;
    size_t step = conv_least(job->step, job->channels);
    float *panel = hone_conv_workspace(CONV_OWN, (step * job->taps + job->outputs) * widest);
    float *sums = panel + step * job->taps * widest;
    outputs list;
    for (size_t i = begin; i < end; i++) {
        size_t group = i / job->pieces, piece = i % job->pieces, all = conv_quotient_up(total, lanes);
        size_t first = conv_share(all, job->pieces, piece), vectors = conv_share(all, job->pieces, piece + 1) - first;
        const float *x = job->x + group * job->channels * job->plane;
        float *y = job->to + group * job->outputs * job->out_plane;
        list_outputs(job, first * lanes, conv_least((first + vectors) * lanes, total), x, y, &list);
        conv_tile tile = {.outer = 1, .b = panel, .c = sums, .c_row = lanes, .c_vector = job->outputs * lanes};
        for (size_t channel = 0; channel < job->channels; channel += step) {
            size_t channels = conv_least(step, job->channels - channel);
            conv_patches patches = {job->conv, list.pieces, list.piece_count, channel, channels, panel};
            variant->gather_patches(&patches);
            tile.inner = channels * job->taps;
            tile.a = job->packed + group * job->packed_group + channel * job->taps * lanes;
            tile.b_vector = tile.inner * lanes;
            tile.accumulate = channel > 0;
            hone_conv_run_tiles(variant, CONV_ALONG, &tile, job->outputs, job->rows * lanes, vectors);
        }
        const float *bias = job->bias ? job->bias + group * job->outputs : NULL;
        for (size_t run = 0; run < list.run_count; run++) {
            variant->finish(&list.runs[run], sums, job->outputs, bias, job->relu);
        }
    }
}

void hone_conv_implicit_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                                const float *bias, bool relu, float *y) {
    job job = job_of(variant, conv);
    job.x = x;
    job.w = w;
    job.bias = bias;
    job.relu = relu;
    job.to = y;
    pack_weights(&job, false);
    job.pieces = panel_count(&job, conv->batch * job.out_plane);
    size_t work = variant->vectors * job.lanes * job.outputs * job.rows;
    hone_parallel_for(conv->groups * job.pieces, grain(work), forward_pieces, &job);
}

// MARK: Gradient of the input

static void input_gradient_pieces(void *context, size_t begin, size_t end) {
    const job *job = context;
    const hone_conv_variant *variant = job->variant;
    size_t lanes = job->lanes, widest = variant->vectors * lanes, batch = job->conv->batch;
    size_t step = conv_least(job->step, job->channels), blocks = conv_quotient_up(job->channels, step);
    float *panel = hone_conv_workspace(CONV_OWN, (step * job->taps + job->outputs) * widest);
    float *sums = panel + job->outputs * widest;
    outputs list;
    for (size_t i = begin; i < end; i++) {
        // The blocks of channels are the innermost, so that one thread reads dy once for most of them.
        size_t channel = i % blocks * step, channels = conv_least(step, job->channels - channel);
        size_t group = i / blocks % job->conv->groups, image = i / blocks / job->conv->groups * job->images;
        size_t images = conv_least(job->images, batch - image), total = images * job->out_plane;
        float *dx = job->to + (image * job->conv->in_channels + group * job->channels) * job->plane;
        const float *dy = job->y + (image * job->conv->out_channels + group * job->outputs) * job->out_plane;
        if (!job->accumulate) {
            for (size_t n = 0; n < images; n++) {
                float *planes = dx + (n * job->conv->in_channels + channel) * job->plane;
                memset(planes, 0, channels * job->plane * sizeof *planes);
            }
        }
        size_t all = conv_quotient_up(total, lanes), panels = panel_count(job, total);
        for (size_t p = 0; p < panels; p++) {
            size_t first = conv_share(all, panels, p), vectors = conv_share(all, panels, p + 1) - first;
            list_outputs(job, first * lanes, conv_least((first + vectors) * lanes, total), dx, dy, &list);
            for (size_t run = 0; run < list.run_count; run++) {
                variant->gather_plain(&list.runs[run], panel, job->outputs);
            }
            conv_tile tile = {.outer = 1, .inner = job->outputs, .b = panel, .b_vector = job->outputs * lanes};
            size_t row = channel * job->taps, rows = channels * job->taps;
            tile.c_row = lanes;
            tile.c_vector = rows * lanes;
            // A block's rows may begin within a block of lanes.
            size_t done = 0;
            while (done < rows) {
                size_t at = row + done, part = conv_least(rows - done, lanes - at % lanes);
                if (at % lanes == 0) part = rows - done;
                tile.a = job->packed + group * job->packed_group + at / lanes * lanes * job->outputs + at % lanes;
                tile.c = sums + done * lanes;
                hone_conv_run_tiles(variant, CONV_ALONG, &tile, part, job->outputs * lanes, vectors);
                done += part;
            }
            conv_patches patches = {job->conv, list.pieces, list.piece_count, channel, channels, sums};
            variant->scatter_patches(&patches);
        }
    }
}

void hone_conv_implicit_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                       const float *w, float *dx, bool accumulate) {
    job job = job_of(variant, conv);
    job.y = dy;
    job.w = w;
    job.to = dx;
    job.accumulate = accumulate;
    pack_weights(&job, true);
    // Images smaller than a panel share one.
    job.images = conv_most(1, variant->vectors * job.lanes / job.out_plane);
    size_t step = conv_least(job.step, job.channels), blocks = conv_quotient_up(job.channels, step);
    size_t work = job.images * job.out_plane * step * job.taps * job.outputs;
    size_t count = conv_quotient_up(conv->batch, job.images) * conv->groups * blocks;
    hone_parallel_for(count, grain(work), input_gradient_pieces, &job);
}

// MARK: Gradient of the weights

/// The sums of one piece, [out channel block][row][lane], over a part of the outputs.
static void sum_weights_gradient(const job *job, size_t group, size_t channel, size_t channels, size_t part,
                                 float *sums) {
    const hone_conv_variant *variant = job->variant;
    size_t lanes = job->lanes, rows = channels * job->taps, blocks = conv_quotient_up(job->outputs, lanes);
    size_t total = job->conv->batch * job->out_plane, widest = gradient_vectors * lanes;
    size_t panels = conv_quotient_up(total, widest), from = conv_share(panels, job->parts, part);
    size_t to = conv_share(panels, job->parts, part + 1);
    float *panel = sums + blocks * rows * lanes, *gradients = panel + rows * widest;
    const float *x = job->x + (group * job->channels + channel) * job->plane;
    const float *dy = job->y + group * job->outputs * job->out_plane;
    outputs list;
    for (size_t p = from; p < to; p++) {
        size_t first = p * widest, count = conv_least(widest, total - first), vectors = conv_quotient_up(count, lanes);
        list_outputs(job, first, first + count, x, dy, &list);
        if (count % lanes) {
            // What no output fills must not be summed.
            memset(panel + (vectors - 1) * rows * lanes, 0, rows * lanes * sizeof *panel);
        }
        conv_patches patches = {job->conv, list.pieces, list.piece_count, 0, channels, panel};
        variant->gather_patches(&patches);
        for (size_t block = 0; block < blocks; block++) {
            float *lane = gradients + block * widest * lanes;
            if (count % lanes) memset(lane + count * lanes, 0, (vectors * lanes - count) * lanes * sizeof *lane);
            for (size_t run = 0; run < list.run_count; run++) {
                size_t plane = job->out_plane, length = list.runs[run].count;
                conv_stretch stretch = {.plain = list.runs[run].plain + block * lanes * plane, .plane = plane};
                stretch.planes = conv_least(lanes, job->outputs - block * lanes);
                stretch.lanes = lane + list.runs[run].slot * lanes;
                stretch.count = stretch.width = stretch.left = length;
                variant->to_lanes(&stretch);
            }
        }
        conv_tile tile = {.outer = vectors, .inner = lanes, .a = panel, .a_outer = rows * lanes, .b = gradients};
        tile.b_outer = lanes * lanes;
        tile.b_vector = widest * lanes;
        tile.c = sums;
        tile.c_row = lanes;
        tile.c_vector = rows * lanes;
        tile.accumulate = p > from;
        hone_conv_run_tiles(variant, CONV_ACROSS, &tile, rows, 0, blocks);
    }
}

/// dw (+)= the sums of a block of channels.
static void put_weights_gradient(const job *job, size_t group, size_t channel, size_t channels, const float *sums) {
    size_t lanes = job->lanes, rows = channels * job->taps;
    float *dw = job->to + group * job->outputs * job->rows + channel * job->taps;
    for (size_t block = 0; block * lanes < job->outputs; block++) {
        conv_stretch stretch = {.plain = dw + block * lanes * job->rows, .plane = job->rows};
        stretch.planes = conv_least(lanes, job->outputs - block * lanes);
        stretch.lanes = (float *)sums + block * rows * lanes;
        stretch.count = stretch.width = stretch.left = rows;
        job->variant->from_lanes(&stretch, job->accumulate);
    }
}

static void weights_gradient_pieces(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t blocks = conv_quotient_up(job->channels, job->step), lanes = job->lanes;
    size_t columns = conv_round_up(job->outputs, lanes), most_rows = conv_least(job->step, job->channels) * job->taps;
    size_t floats = columns * most_rows + (most_rows + columns) * gradient_vectors * lanes;
    float *own = hone_conv_workspace(CONV_OWN, floats);
    for (size_t i = begin; i < end; i++) {
        size_t part = i % job->parts, block = i / job->parts % blocks, group = i / job->parts / blocks;
        size_t channel = block * job->step, channels = conv_least(job->step, job->channels - channel);
        sum_weights_gradient(job, group, channel, channels, part, own);
        if (job->parts == 1) {
            put_weights_gradient(job, group, channel, channels, own);
        } else {
            memcpy((float *)job->packed + i * columns * most_rows, own, columns * channels * job->taps * sizeof *own);
        }
    }
}

void hone_conv_implicit_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                        const float *dy, float *dw, bool accumulate) {
    job job = job_of(variant, conv);
    job.x = x;
    job.y = dy;
    job.to = dw;
    job.accumulate = accumulate;
    job.step = conv_least(conv_most(1, gradient_rows / job.taps), job.channels);
    size_t blocks = conv_quotient_up(job.channels, job.step), columns = conv_round_up(job.outputs, job.lanes);
    size_t most = columns * job.step * job.taps, total = conv->batch * job.out_plane;
    size_t panels = conv_quotient_up(total, gradient_vectors * job.lanes);
    // Pieces are blocks of channels; where these are few, parts of the outputs as well, summed up afterwards in order.
    size_t wanted = conv_quotient_up(16, conv->groups * blocks), room = partial_floats / (conv->groups * blocks * most);
    job.parts = conv_most(1, conv_least(conv_least(wanted, room), panels / 2));
    size_t count = conv->groups * blocks * job.parts, work = total / job.parts * job.outputs * job.step * job.taps;
    if (job.parts > 1) job.packed = hone_conv_workspace(CONV_SHARED, count * most);
    hone_parallel_for(count, grain(work), weights_gradient_pieces, &job);
    for (size_t i = 0; job.parts > 1 && i < count; i += job.parts) {
        size_t channel = i / job.parts % blocks * job.step, channels = conv_least(job.step, job.channels - channel);
        float *sums = (float *)job.packed + i * most;
        size_t floats = columns * channels * job.taps;
        for (size_t part = 1; part < job.parts; part++) {
            for (size_t j = 0; j < floats; j++) sums[j] += sums[part * most + j];
        }
        put_weights_gradient(&job, i / job.parts / blocks, channel, channels, sums);
    }
}
