// 3 x 3 convolution by Winograd's minimal filtering: forward and the gradient of the input.
//
// Stride 1 goes by F(4 x 4, 3 x 3), with 36 multiplications for 16 outputs instead of 144 (Lavin and Gray, "Fast
// Algorithms for Convolutional Neural Networks", 2015, arXiv:1509.09308):
//
//     y  = A^T [ (G w G^T) . (B^T x B) ] A      over tiles of 4 x 4 outputs, made of 6 x 6 inputs
//     dx = the same with dy for x and the weights turned round
//     dw = G^T [ (A dy A^T) . (B^T x B) ] G     summed over all tiles: the transpose of the first, term by term
//
// With stride 2 a line of outputs is the sum of two convolutions with stride 1: even inputs with the outer taps, odd
// inputs with the middle one. The first goes by F(4, 2), the second is as it is, and a tile of 4 x 4 outputs takes
// 9 x 9 = 81 multiplications instead of 144. The matrices above just have other entries.
//
// The dot stands for products of matrices, one for each point of a tile: [tiles, in] * [in, out], or for dw
// [out, tiles] * [tiles, in]. Images are in planes, while the transforms work on vectors of channels: a thread brings a
// few rows of `lanes` channels into a stage, [row][column][lane] with the padding filled in, transforms it from there
// to [point][channel block][tile][lane], multiplies, and goes back by a stage again. A block of tiles goes all that way
// while it is in the cache. Each output is summed in the order of the channels, however tiles are cut into blocks.
//
// Accuracy. The transforms enlarge rounding errors, the less the nearer the points' powers are to 1. For stride 1 the
// points 0, +-5/8, +-3/2 and infinity make a quarter of the errors of Lavin and Gray's 0, +-1, +-2. The largest error of
// y, dx or dw against double precision, in units of the largest element, and the root mean square of errors over that
// of elements, for normal inputs (summed directly: 0.3e-6 and 0.2e-6):
//
//                 stride 1              stride 2
//      64 channels   2e-6, 0.8e-6          3e-6, 0.7e-6
//     512 channels   5e-6, 2.1e-6          8e-6, 2.0e-6
//
// An infinite or NaN input makes every output of its tiles NaN, not only those that depend on it.
#include "winograd_internal.h"

#include "hone/parallel.h"

#include <string.h>

enum {
    block_floats = 256 << 10,  // of transformed inputs and outputs: the second level of cache
    block_tiles = 32,  // at least, to make the weights' points worth reading
    large_block_tiles = 64,  // where these come from memory
    large_weights = 4 << 20,  // floats
    few_channels = 8,
    most_columns = 1024,
    few_tiles = 8,
};

bool hone_conv_winograd_fits(const hone_conv *conv) {
    if (conv->kernel_height != 3 || conv->kernel_width != 3) return false;
    if (conv->stride_h != conv->stride_w || conv->stride_h > 2) return false;
    if (conv->dilation_h != 1 || conv->dilation_w != 1) return false;
    if (conv_least(conv->in_channels, conv->out_channels) / conv->groups < few_channels) return false;
    size_t height = hone_conv_out_height(conv), width = hone_conv_out_width(conv);
    if (width > most_columns || conv->width > most_columns) return false;
    // Tiles are whole: where little of them is used, or there are few to share the weights' transform, nothing is
    // gained.
    size_t tiles = conv_quotient_up(height, 4) * conv_quotient_up(width, 4), used = height * width;
    bool full = conv->stride_h == 1 ? 16 * tiles <= 2 * used : 16 * tiles * 4 <= 5 * used;
    return full && conv->batch * tiles >= few_tiles;
}

// MARK: Tiles and stages

winograd_planes hone_winograd_planes_of_x(const hone_conv *conv, const float *x, size_t group) {
    size_t channels = conv->in_channels / conv->groups, plane = conv->height * conv->width;
    return (winograd_planes){
        .first = (float *)x + group * channels * plane,
        .channels = channels,
        .image = conv->in_channels * plane,
        .height = conv->height,
        .width = conv->width,
        .row = -(ptrdiff_t)conv->pad_h,
        .column = -(ptrdiff_t)conv->pad_w,
    };
}

winograd_planes hone_winograd_planes_of_y(const hone_conv *conv, const float *y, size_t group) {
    size_t height = hone_conv_out_height(conv), width = hone_conv_out_width(conv);
    size_t channels = conv->out_channels / conv->groups, plane = height * width;
    return (winograd_planes){
        .first = (float *)y + group * channels * plane,
        .channels = channels,
        .image = conv->out_channels * plane,
        .height = height,
        .width = width,
    };
}

void hone_winograd_lay_tiles(winograd_job *job, size_t batch) {
    size_t step = job->scheme->out_step;
    job->lanes = job->variant->lanes;
    job->points = job->scheme->axis * job->scheme->axis;
    job->tile_rows = conv_quotient_up((size_t)((ptrdiff_t)job->out.height - job->out.row), step);
    job->tile_columns = conv_quotient_up((size_t)((ptrdiff_t)job->out.width - job->out.column), step);
    job->units = batch * job->tile_rows;
    job->in.blocks = conv_quotient_up(job->in.channels, job->lanes);
    job->out.blocks = conv_quotient_up(job->out.channels, job->lanes);
}

/// A stage, [row][column][lane], and the part of it that is within the image.
typedef struct stage {
    size_t rows, columns;
    size_t top, bottom, left, right;
} stage;

/// Of tiles of inputs, which overlap by a rim, or of outputs.
static stage stage_of(const winograd_job *job, bool outputs, winograd_band band) {
    const winograd_scheme *scheme = job->scheme;
    const winograd_planes *planes = outputs ? &job->out : &job->in;
    size_t step = outputs ? scheme->out_step : scheme->in_step, rim = outputs ? 0 : scheme->in_size - scheme->in_step;
    stage stage = {.rows = band.count * step + rim, .columns = job->tile_columns * step + rim};
    ptrdiff_t row = planes->row + (ptrdiff_t)(band.first * step), column = planes->column;
    ptrdiff_t bottom = (ptrdiff_t)planes->height - row, right = (ptrdiff_t)planes->width - column;
    stage.top = row < 0 ? conv_least((size_t)-row, stage.rows) : 0;
    stage.left = column < 0 ? conv_least((size_t)-column, stage.columns) : 0;
    stage.bottom = bottom < (ptrdiff_t)stage.top ? stage.top : conv_least((size_t)bottom, stage.rows);
    stage.right = right < (ptrdiff_t)stage.left ? stage.left : conv_least((size_t)right, stage.columns);
    return stage;
}

size_t hone_winograd_stage(const winograd_job *job, size_t units) {
    winograd_band band = {0, 0, conv_least(units, job->tile_rows)};
    stage in = stage_of(job, false, band), out = stage_of(job, true, band);
    return conv_most(in.rows * in.columns, out.rows * out.columns) * job->lanes;
}

/// The part of a stage that is within the image, between there and here.
static void move_stage(const winograd_job *job, const winograd_planes *planes, size_t step, size_t block,
                       winograd_band band, const stage *stage, float *lanes, bool out, bool accumulate) {
    size_t used = stage->right - stage->left, rows = stage->bottom - stage->top, line = stage->columns * job->lanes;
    if (!used || !rows) return;
    size_t plane = planes->height * planes->width;
    size_t row = (size_t)(planes->row + (ptrdiff_t)(band.first * step + stage->top));
    size_t column = (size_t)(planes->column + (ptrdiff_t)stage->left);
    conv_stretch stretch = {.plane = plane, .width = used, .left = used, .skip = line - used * job->lanes};
    stretch.planes = conv_least(job->lanes, planes->channels - block * job->lanes);
    stretch.plain = planes->first + band.image * planes->image + block * job->lanes * plane;
    stretch.plain += row * planes->width + column;
    stretch.lanes = lanes + stage->top * line + stage->left * job->lanes;
    // Whole rows follow each other without a gap.
    bool whole = used == planes->width;
    stretch.count = whole ? rows * used : used;
    for (size_t i = 0; i < (whole ? 1 : rows); i++) {
        if (out) {
            job->variant->from_lanes(&stretch, accumulate);
        } else {
            job->variant->to_lanes(&stretch);
        }
        stretch.plain += planes->width;
        stretch.lanes += line;
    }
}

void hone_winograd_transform(const winograd_job *job, bool gradient, size_t block, size_t begin, size_t end,
                             float *lanes, float *points, size_t stride) {
    const winograd_scheme *scheme = job->scheme;
    size_t step = gradient ? scheme->out_step : scheme->in_step, size = job->lanes;
    while (begin < end) {
        winograd_band band = winograd_next_band(job, begin, end);
        stage stage = stage_of(job, gradient, band);
        size_t line = stage.columns * size;
        memset(lanes, 0, stage.top * line * sizeof *lanes);
        memset(lanes + stage.bottom * line, 0, (stage.rows - stage.bottom) * line * sizeof *lanes);
        for (size_t i = stage.top; i < stage.bottom; i++) {
            memset(lanes + i * line, 0, stage.left * size * sizeof *lanes);
            memset(lanes + i * line + stage.right * size, 0, (stage.columns - stage.right) * size * sizeof *lanes);
        }
        move_stage(job, gradient ? &job->out : &job->in, step, block, band, &stage, lanes, false, false);
        for (size_t i = 0; i < band.count; i++, points += job->tile_columns * size) {
            const float *from = lanes + i * step * line;
            if (gradient) {
                scheme->output_gradient(from, line, job->tile_columns, points, stride);
            } else {
                scheme->input(from, line, job->tile_columns, points, stride);
            }
        }
        begin += band.count;
    }
}

void hone_winograd_put(const winograd_job *job, size_t block, size_t begin, size_t end, const float *points,
                       size_t stride, const float *bias, bool relu, float *lanes, bool accumulate) {
    size_t step = job->scheme->out_step;
    while (begin < end) {
        winograd_band band = winograd_next_band(job, begin, end);
        stage stage = stage_of(job, true, band);
        size_t line = stage.columns * job->lanes;
        for (size_t i = 0; i < band.count; i++, points += job->tile_columns * job->lanes) {
            job->scheme->output(points, stride, bias, relu, job->tile_columns, lanes + i * step * line, line);
        }
        move_stage(job, &job->out, step, block, band, &stage, lanes, true, accumulate);
        begin += band.count;
    }
}

// MARK: Forward and gradient of the input

typedef struct call {
    winograd_job job;
    size_t units;  // in a block
    const float *w, *bias;
    bool transposed, relu, accumulate;
    float *weights;  // [point][out block][in][lane]
    size_t stride;  // of their points
} call;

static void transform_weights(void *context, size_t begin, size_t end) {
    const call *call = context;
    const winograd_planes *from = &call->job.in, *to = &call->job.out;
    size_t lanes = call->job.lanes, in = from->blocks * lanes;
    size_t to_step = call->transposed ? 9 : from->channels * 9, from_step = call->transposed ? to->channels * 9 : 9;
    for (size_t i = begin; i < end; i++) {
        size_t first = i / in * lanes, channel = i % in;
        float *points = call->weights + i * lanes;
        if (channel >= from->channels) {
            enum { points_of_weights = winograd_weight_axis * winograd_weight_axis };
            for (size_t p = 0; p < points_of_weights; p++) memset(points + p * call->stride, 0, lanes * sizeof *points);
            continue;
        }
        winograd_weights weights = {call->w + first * to_step + channel * from_step, to_step,
                                    conv_least(lanes, to->channels - first), call->transposed, points, call->stride};
        call->job.scheme->weights(&weights);
    }
}

static void convolve_blocks(void *context, size_t begin, size_t end) {
    const call *call = context;
    const winograd_job *job = &call->job;
    size_t lanes = job->lanes, most = call->units * job->tile_columns, axis = job->scheme->axis;
    size_t in_stride = winograd_stride(job->in.blocks * most * lanes, lanes);
    size_t out_stride = winograd_stride(job->out.blocks * most * lanes, lanes);
    size_t stage_floats = hone_winograd_stage(job, call->units);
    float *stage = hone_conv_workspace(CONV_OWN, stage_floats + job->points * (in_stride + out_stride));
    float *in = stage + stage_floats, *out = in + job->points * in_stride;
    for (size_t i = begin; i < end; i++) {
        size_t first = i * call->units, last = conv_least(first + call->units, job->units);
        size_t tiles = (last - first) * job->tile_columns;
        for (size_t block = 0; block < job->in.blocks; block++) {
            hone_winograd_transform(job, false, block, first, last, stage, in + block * tiles * lanes, in_stride);
        }
        conv_tile tile = {.outer = job->in.blocks, .inner = lanes, .a_outer = tiles * lanes, .b_outer = lanes * lanes};
        tile.b_vector = job->in.blocks * lanes * lanes;
        tile.c_row = lanes;
        tile.c_vector = tiles * lanes;
        for (size_t point = 0; point < job->points; point++) {
            tile.a = in + point * in_stride;
            tile.b = call->weights + winograd_weight_point(point / axis, point % axis) * call->stride;
            tile.c = out + point * out_stride;
            hone_conv_run_tiles(job->variant, CONV_ACROSS, &tile, tiles, 0, job->out.blocks);
        }
        for (size_t block = 0; block < job->out.blocks; block++) {
            hone_winograd_put(job, block, first, last, out + block * tiles * lanes, out_stride,
                              call->bias ? call->bias + block * lanes : NULL, call->relu, stage, call->accumulate);
        }
    }
}

static void convolve(call *call, size_t batch) {
    winograd_job *job = &call->job;
    hone_winograd_lay_tiles(job, batch);
    size_t lanes = job->lanes, channels = (job->in.blocks + job->out.blocks) * lanes;
    call->stride = winograd_stride(job->out.blocks * job->in.blocks * lanes * lanes, lanes);
    size_t floats = winograd_weight_axis * winograd_weight_axis * call->stride;
    size_t least = floats > large_weights ? large_block_tiles : block_tiles;
    size_t tiles = conv_most(block_floats / (job->points * channels), least);
    size_t blocks = conv_quotient_up(job->units, conv_most(1, tiles / job->tile_columns));
    // Few blocks are made a multiple of the number of threads: how tiles are cut does not reach the result.
    size_t threads = (size_t)hone_threads();
    if (blocks < 8 * threads) blocks = conv_round_up(blocks, threads);
    call->units = conv_quotient_up(job->units, blocks);

    size_t in = job->in.blocks * lanes, bias_floats = job->out.blocks * lanes;
    call->weights = hone_conv_workspace(CONV_SHARED, floats + bias_floats);
    if (call->bias) {
        // Filled up to whole vectors.
        float *padded = memset(call->weights + floats, 0, bias_floats * sizeof *padded);
        call->bias = memcpy(padded, call->bias, job->out.channels * sizeof *padded);
    }
    enum { grain = 256 };
    hone_parallel_for(job->out.blocks * in, grain, transform_weights, call);
    hone_parallel_for(conv_quotient_up(job->units, call->units), 1, convolve_blocks, call);
}

static size_t weights_of_group(const hone_conv *conv) {
    return conv->out_channels / conv->groups * (conv->in_channels / conv->groups) * 9;
}

void hone_conv_winograd_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                                const float *bias, bool relu, float *y) {
    for (size_t group = 0; group < conv->groups; group++) {
        call call = {.relu = relu, .w = w + group * weights_of_group(conv)};
        call.job.variant = variant;
        call.job.scheme = &variant->winograd[conv->stride_h == 1 ? WINOGRAD_DENSE : WINOGRAD_STRIDED];
        call.job.in = hone_winograd_planes_of_x(conv, x, group);
        call.job.out = hone_winograd_planes_of_y(conv, y, group);
        call.bias = bias ? bias + group * call.job.out.channels : NULL;
        convolve(&call, conv->batch);
    }
}

void hone_conv_winograd_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                       const float *w, float *dx, bool accumulate) {
    for (size_t group = 0; group < conv->groups; group++) {
        call call = {.transposed = true, .accumulate = accumulate, .w = w + group * weights_of_group(conv)};
        winograd_job *job = &call.job;
        job->variant = variant;
        job->in = hone_winograd_planes_of_y(conv, dy, group);
        job->out = hone_winograd_planes_of_x(conv, dx, group);
        if (conv->stride_h == 1) {
            job->scheme = &variant->winograd[WINOGRAD_DENSE];
            job->in.row = (ptrdiff_t)conv->pad_h - 2;
            job->in.column = (ptrdiff_t)conv->pad_w - 2;
            job->out.row = job->out.column = 0;
        } else {
            // Tiles begin with the second element of the padded x; without padding, a tile earlier, for the first.
            job->scheme = &variant->winograd[WINOGRAD_SPREAD];
            job->in.row = conv->pad_h ? 0 : -4;
            job->in.column = conv->pad_w ? 0 : -4;
            job->out.row = conv->pad_h ? 1 - (ptrdiff_t)conv->pad_h : -7;
            job->out.column = conv->pad_w ? 1 - (ptrdiff_t)conv->pad_w : -7;
        }
        convolve(&call, conv->batch);
    }
}
