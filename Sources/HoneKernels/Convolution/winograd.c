// 3 x 3 convolution with stride 1 by Winograd's minimal filtering F(4 x 4, 3 x 3): 36 multiplications for 16 outputs
// instead of 144 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, arXiv:1509.09308).
//
//     y  = A^T [ (G w G^T) . (B^T x B) ] A          over tiles of 4 x 4 outputs, made of 6 x 6 inputs
//     dx = the same with dy for x and the weights turned round
//     dw = G^T [ (A dy A^T) . (B^T x B) ] G         summed over all tiles: the transpose of the first, term by term
//
// The dot stands for 36 products of matrices, one for each point of a tile: [tiles, in] * [in, out], or for dw
// [out, tiles] * [tiles, in]. Images are in planes, while the transforms work on vectors of channels: each thread brings
// a few rows of `lanes` channels into a stage, [row][column][lane] with padding filled in, transforms it from there to
// [point][channel block][tile][lane], multiplies, and takes the way back through a stage again. In forward and dx a block
// of tiles goes all that way while it is in the cache. dw is summed over chunks of tiles: each chunk is transformed, then
// each point multiplied by one thread; the chunks are given by the sizes alone.
#include "convolution_internal.h"

#include "hone/parallel.h"

#include <string.h>

enum {
    block_floats = 256 << 10,  // of transformed inputs and outputs: the second level of cache
    block_tiles = 64,  // at least, to make the weights' points worth reading
    chunk_floats = 2 << 20,
    chunk_tiles = 128,
    chunk_step = 128,  // tiles of a chunk multiplied at a time: three vectors of them are 24 KiB
};

/// Pixels that tiles are made of or make, as planes, and how the tiles lie on them.
typedef struct planes {
    float *first;  // of the group
    size_t channels, image;  // of the group; floats from one image to the next
    size_t height, width;
    ptrdiff_t row, column;  // of the first tile's first element
    size_t blocks;
} planes;

/// One convolution of a group, which may be the transposed one of the call.
typedef struct job {
    const hone_conv_variant *variant;
    size_t lanes;
    planes in, out;
    size_t tile_rows, tile_columns;  // of an image
    size_t units, units_per_block;  // a unit is a row of tiles
    const float *w, *bias;
    bool transposed, relu, accumulate;
    float *weights;  // [point][out block][in][lane]
    size_t weights_point;
    // For the gradient of the weights.
    float *dw, *in_points, *out_points;
    size_t in_point, out_point;
    size_t chunk_begin, chunk_end, tiles, segments;
} job;

/// Floats from one point to the next, so that a tile's 36 points are not in the same set of a cache.
static size_t point_stride(size_t floats, size_t lanes) {
    return (floats / lanes | 1) * lanes;
}

bool hone_conv_winograd_fits(const hone_conv *conv) {
    if (conv->kernel_height != 3 || conv->kernel_width != 3) return false;
    if (conv->stride_h != 1 || conv->stride_w != 1 || conv->dilation_h != 1 || conv->dilation_w != 1) return false;
    enum { few_channels = 8, most_columns = 1024 };
    if (conv->in_channels / conv->groups < few_channels || conv->out_channels / conv->groups < few_channels) return false;
    size_t height = hone_conv_out_height(conv), width = hone_conv_out_width(conv);
    if (width > most_columns || conv->width > most_columns) return false;
    // Tiles are whole: where little of them is used, or there are few to share the weights' transform, nothing is gained.
    size_t tiles = conv_quotient_up(height, 4) * conv_quotient_up(width, 4);
    return 16 * tiles <= 2 * height * width && conv->batch * tiles >= 8;
}

// MARK: Stages

typedef struct band {
    size_t image, first, count;  // rows of tiles
} band;

/// The next units of `begin..<end` that are in one image.
static band next_band(const job *job, size_t begin, size_t end) {
    size_t first = begin % job->tile_rows;
    return (band){begin / job->tile_rows, first, conv_least(end - begin, job->tile_rows - first)};
}

/// Rows and columns of `planes`, wherever they are in them, as [row][column][lane] with zeros outside.
static void fill_stage(const job *job, const planes *planes, size_t block, band band, size_t rows, size_t columns,
                       float *stage) {
    size_t lanes = job->lanes;
    ptrdiff_t row = planes->row + 4 * (ptrdiff_t)band.first, column = planes->column;
    ptrdiff_t height = (ptrdiff_t)planes->height, width = (ptrdiff_t)planes->width;
    // Those of the stage that are within the image.
    ptrdiff_t top = row < 0 ? -row : 0, bottom = height - row, left = column < 0 ? -column : 0, right = width - column;
    if (bottom > (ptrdiff_t)rows) bottom = (ptrdiff_t)rows;
    if (right > (ptrdiff_t)columns) right = (ptrdiff_t)columns;
    if (top >= bottom || left >= right) {
        memset(stage, 0, rows * columns * lanes * sizeof *stage);
        return;
    }
    size_t line = columns * lanes, used = (size_t)(right - left);
    memset(stage, 0, (size_t)top * line * sizeof *stage);
    memset(stage + (size_t)bottom * line, 0, (rows - (size_t)bottom) * line * sizeof *stage);
    for (ptrdiff_t i = top; i < bottom; i++) {
        float *at = stage + (size_t)i * line;
        memset(at, 0, (size_t)left * lanes * sizeof *at);
        memset(at + (size_t)right * lanes, 0, (columns - (size_t)right) * lanes * sizeof *at);
    }
    size_t plane = planes->height * planes->width;
    const float *from = planes->first + band.image * planes->image + block * lanes * plane;
    conv_stretch stretch = {.plane = plane, .planes = conv_least(lanes, planes->channels - block * lanes)};
    stretch.width = stretch.left = used;
    stretch.skip = (columns - used) * lanes;
    stretch.plain = (float *)from + (row + top) * width + column + left;
    stretch.lanes = stage + (size_t)top * line + (size_t)left * lanes;
    if (used == planes->width) {
        stretch.count = (size_t)(bottom - top) * used;
        job->variant->to_lanes(&stretch);
        return;
    }
    stretch.count = used;
    for (ptrdiff_t i = top; i < bottom; i++) {
        job->variant->to_lanes(&stretch);
        stretch.plain += width;
        stretch.lanes += line;
    }
}

/// Units to their points in one block of channels, [point][tile][lane].
static void transform(const job *job, const planes *planes, bool gradient, size_t block, size_t begin, size_t end,
                      float *stage, float *points, size_t point) {
    size_t lanes = job->lanes, rim = gradient ? 0 : 2, columns = 4 * job->tile_columns + rim;
    while (begin < end) {
        band band = next_band(job, begin, end);
        fill_stage(job, planes, block, band, 4 * band.count + rim, columns, stage);
        for (size_t i = 0; i < band.count; i++) {
            const float *from = stage + 4 * i * columns * lanes;
            if (gradient) {
                job->variant->winograd_output_gradient(from, columns * lanes, job->tile_columns, points, point);
            } else {
                job->variant->winograd_input(from, columns * lanes, job->tile_columns, points, point);
            }
            points += job->tile_columns * lanes;
        }
        begin += band.count;
    }
}

static size_t stage_floats(const job *job, size_t units) {
    size_t rows = 4 * conv_least(units, job->tile_rows) + 2;
    return conv_round_up(rows * (4 * job->tile_columns + 2) * job->lanes, 16);
}

// MARK: Forward and gradient of the input

static void transform_weights(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t lanes = job->lanes, in = job->in.blocks * lanes;
    for (size_t i = begin; i < end; i++) {
        size_t first = i / in * lanes, channel = i % in;
        float *to = job->weights + i * lanes;
        if (channel >= job->in.channels) {
            for (size_t p = 0; p < winograd_points; p++) memset(to + p * job->weights_point, 0, lanes * sizeof *to);
            continue;
        }
        size_t out_step = job->transposed ? 9 : job->in.channels * 9, in_step = job->transposed ? job->out.channels * 9 : 9;
        job->variant->winograd_weights(&(winograd_weights){
            .from = job->w + first * out_step + channel * in_step,
            .lane_stride = out_step,
            .lanes = conv_least(lanes, job->out.channels - first),
            .flip = job->transposed,
            .to = to,
            .stride = job->weights_point,
        });
    }
}

static void convolve_blocks(void *context, size_t begin, size_t end) {
    const job *job = context;
    const hone_conv_variant *variant = job->variant;
    size_t lanes = job->lanes, most = job->units_per_block * job->tile_columns;
    size_t in_point = point_stride(job->in.blocks * most * lanes, lanes);
    size_t out_point = point_stride(job->out.blocks * most * lanes, lanes);
    size_t stage_size = stage_floats(job, job->units_per_block), columns = 4 * job->tile_columns;
    float *stage = hone_conv_workspace(CONV_OWN, stage_size + winograd_points * (in_point + out_point));
    float *in = stage + stage_size, *out = in + winograd_points * in_point;
    for (size_t i = begin; i < end; i++) {
        size_t first = i * job->units_per_block, last = conv_least(first + job->units_per_block, job->units);
        size_t tiles = (last - first) * job->tile_columns;
        for (size_t block = 0; block < job->in.blocks; block++) {
            transform(job, &job->in, false, block, first, last, stage, in + block * tiles * lanes, in_point);
        }
        conv_tile tile = {.outer = job->in.blocks, .inner = lanes, .a_outer = tiles * lanes, .b_outer = lanes * lanes};
        tile.b_vector = job->in.blocks * lanes * lanes;
        tile.c_row = lanes;
        tile.c_vector = tiles * lanes;
        for (size_t point = 0; point < winograd_points; point++) {
            tile.a = in + point * in_point;
            tile.b = job->weights + point * job->weights_point;
            tile.c = out + point * out_point;
            hone_conv_run_tiles(variant, CONV_ACROSS, &tile, tiles, 0, job->out.blocks);
        }
        size_t plane = job->out.height * job->out.width;
        for (size_t block = 0; block < job->out.blocks; block++) {
            const float *bias = job->bias ? job->bias + block * lanes : NULL, *points = out + block * tiles * lanes;
            for (size_t unit = first; unit < last;) {
                band band = next_band(job, unit, last);
                for (size_t j = 0; j < band.count; j++, points += job->tile_columns * lanes) {
                    float *to = stage + 4 * j * columns * lanes;
                    variant->winograd_output(points, out_point, bias, job->relu, job->tile_columns, to, columns * lanes);
                }
                size_t rows = conv_least(4 * band.count, job->out.height - 4 * band.first);
                conv_stretch stretch = {.plane = plane, .lanes = stage, .count = rows * job->out.width};
                stretch.planes = conv_least(lanes, job->out.channels - block * lanes);
                stretch.width = stretch.left = job->out.width;
                stretch.skip = (columns - job->out.width) * lanes;
                stretch.plain = job->out.first + band.image * job->out.image + block * lanes * plane;
                stretch.plain += 4 * band.first * job->out.width;
                variant->from_lanes(&stretch, job->accumulate);
                unit += band.count;
            }
        }
    }
}

/// Tiles and blocks for a job whose planes are known.
static void lay_tiles(job *job, size_t batch) {
    job->lanes = job->variant->lanes;
    job->tile_rows = conv_quotient_up(job->out.height, 4);
    job->tile_columns = conv_quotient_up(job->out.width, 4);
    job->units = batch * job->tile_rows;
    job->in.blocks = conv_quotient_up(job->in.channels, job->lanes);
    job->out.blocks = conv_quotient_up(job->out.channels, job->lanes);
}

static void convolve(job *job, size_t batch) {
    lay_tiles(job, batch);
    size_t lanes = job->lanes, channels = (job->in.blocks + job->out.blocks) * lanes;
    size_t tiles = conv_most(block_floats / (winograd_points * channels), block_tiles);
    size_t blocks = conv_quotient_up(job->units, conv_most(1, tiles / job->tile_columns));
    // Few blocks are made as many as there are threads, or twice as many …: how tiles are cut does not reach the result.
    size_t threads = (size_t)hone_threads();
    if (blocks < 8 * threads) blocks = conv_round_up(blocks, threads);
    job->units_per_block = conv_quotient_up(job->units, blocks);

    size_t in = job->in.blocks * lanes;
    job->weights_point = point_stride(job->out.blocks * in * lanes, lanes);
    size_t bias_floats = job->out.blocks * lanes;
    job->weights = hone_conv_workspace(CONV_SHARED, winograd_points * job->weights_point + bias_floats);
    if (job->bias) {
        float *padded = job->weights + winograd_points * job->weights_point;
        memset(padded, 0, bias_floats * sizeof *padded);
        job->bias = memcpy(padded, job->bias, job->out.channels * sizeof *padded);
    }
    hone_parallel_for(job->out.blocks * in, 256, transform_weights, job);
    hone_parallel_for(conv_quotient_up(job->units, job->units_per_block), 1, convolve_blocks, job);
}

/// The planes of a group of x and of y.
static planes planes_of_x(const hone_conv *conv, const float *x, size_t group) {
    size_t channels = conv->in_channels / conv->groups, plane = conv->height * conv->width;
    return (planes){
        .first = (float *)x + group * channels * plane,
        .channels = channels,
        .image = conv->in_channels * plane,
        .height = conv->height,
        .width = conv->width,
    };
}

static planes planes_of_y(const hone_conv *conv, const float *y, size_t group) {
    size_t height = hone_conv_out_height(conv), width = hone_conv_out_width(conv);
    size_t channels = conv->out_channels / conv->groups, plane = height * width;
    return (planes){
        .first = (float *)y + group * channels * plane,
        .channels = channels,
        .image = conv->out_channels * plane,
        .height = height,
        .width = width,
    };
}

static size_t weights_of_group(const hone_conv *conv) {
    return conv->out_channels / conv->groups * (conv->in_channels / conv->groups) * 9;
}

void hone_conv_winograd_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                                const float *bias, bool relu, float *y) {
    for (size_t group = 0; group < conv->groups; group++) {
        job job = {.variant = variant, .relu = relu, .w = w + group * weights_of_group(conv)};
        job.in = planes_of_x(conv, x, group);
        job.out = planes_of_y(conv, y, group);
        job.in.row = -(ptrdiff_t)conv->pad_h;
        job.in.column = -(ptrdiff_t)conv->pad_w;
        job.bias = bias ? bias + group * job.out.channels : NULL;
        convolve(&job, conv->batch);
    }
}

void hone_conv_winograd_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                       const float *w, float *dx, bool accumulate) {
    for (size_t group = 0; group < conv->groups; group++) {
        job job = {.variant = variant, .transposed = true, .accumulate = accumulate};
        job.w = w + group * weights_of_group(conv);
        job.in = planes_of_y(conv, dy, group);
        job.out = planes_of_x(conv, dx, group);
        job.in.row = (ptrdiff_t)conv->pad_h - 2;
        job.in.column = (ptrdiff_t)conv->pad_w - 2;
        convolve(&job, conv->batch);
    }
}

// MARK: Gradient of the weights

/// Item: a block of channels of x, then of dy, over one segment of the chunk.
static void transform_chunk(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t lanes = job->lanes, units = job->chunk_end - job->chunk_begin;
    float *stage = hone_conv_workspace(CONV_OWN, stage_floats(job, units));
    for (size_t i = begin; i < end; i++) {
        size_t block = i / job->segments, segment = i % job->segments;
        size_t first = conv_share(units, job->segments, segment), last = conv_share(units, job->segments, segment + 1);
        bool gradient = block >= job->in.blocks;
        if (gradient) block -= job->in.blocks;
        const planes *planes = gradient ? &job->out : &job->in;
        float *points = gradient ? job->out_points : job->in_points;
        points += (block * job->tiles + first * job->tile_columns) * lanes;
        transform(job, planes, gradient, block, job->chunk_begin + first, job->chunk_begin + last, stage, points,
                  gradient ? job->out_point : job->in_point);
    }
}

/// Item: a point and a tile's width of in channels.
static void multiply_chunk(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t lanes = job->lanes, parts = conv_quotient_up(job->in.blocks, job->variant->vectors);
    for (size_t i = begin; i < end; i++) {
        size_t point = i / parts, first = conv_share(job->in.blocks, parts, i % parts);
        size_t vectors = conv_share(job->in.blocks, parts, i % parts + 1) - first;
        conv_tile tile = {.outer = 1, .b_vector = job->tiles * lanes, .c_row = lanes};
        tile.c_vector = job->out.channels * lanes;
        tile.c = job->weights + point * job->weights_point + first * tile.c_vector;
        for (size_t t = 0; t < job->tiles; t += chunk_step) {
            tile.inner = conv_least(chunk_step, job->tiles - t);
            tile.a = job->out_points + point * job->out_point + t * lanes;
            tile.b = job->in_points + point * job->in_point + first * tile.b_vector + t * lanes;
            tile.accumulate = job->chunk_begin > 0 || t > 0;
            hone_conv_run_tiles(job->variant, CONV_ALONG, &tile, job->out.channels, job->tiles * lanes, vectors);
        }
    }
}

/// Item: a block of in channels and an out channel.
static void put_weights(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t lanes = job->lanes;
    for (size_t i = begin; i < end; i++) {
        size_t first = i / job->out.channels * lanes, channel = i % job->out.channels;
        float *to = job->dw + (channel * job->in.channels + first) * 9;
        job->variant->winograd_weights_gradient(job->weights + i * lanes, job->weights_point,
                                                conv_least(lanes, job->in.channels - first), to, 9, job->accumulate);
    }
}

static void sum_weights_gradient(job *job, size_t batch) {
    lay_tiles(job, batch);
    size_t lanes = job->lanes, blocks = job->in.blocks + job->out.blocks;
    size_t tiles = conv_most(chunk_floats / (winograd_points * blocks * lanes), chunk_tiles);
    size_t units = conv_least(conv_most(1, tiles / job->tile_columns), job->units), most = units * job->tile_columns;
    job->weights_point = point_stride(job->in.blocks * job->out.channels * lanes, lanes);
    job->in_point = point_stride(job->in.blocks * most * lanes, lanes);
    job->out_point = point_stride(job->out.blocks * most * lanes, lanes);
    size_t floats = winograd_points * (job->weights_point + job->in_point + job->out_point);
    job->weights = hone_conv_workspace(CONV_SHARED, floats);
    job->in_points = job->weights + winograd_points * job->weights_point;
    job->out_points = job->in_points + winograd_points * job->in_point;

    size_t parts = conv_quotient_up(job->in.blocks, job->variant->vectors);
    for (size_t begin = 0; begin < job->units; begin += units) {
        job->chunk_begin = begin;
        job->chunk_end = conv_least(begin + units, job->units);
        job->tiles = (job->chunk_end - begin) * job->tile_columns;
        job->segments = conv_least(conv_quotient_up(8 * (size_t)hone_threads(), blocks), job->chunk_end - begin);
        hone_parallel_for(blocks * job->segments, 1, transform_chunk, job);
        hone_parallel_for(winograd_points * parts, 1, multiply_chunk, job);
    }
    hone_parallel_for(job->in.blocks * job->out.channels, 256, put_weights, job);
}

void hone_conv_winograd_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                        const float *dy, float *dw, bool accumulate) {
    for (size_t group = 0; group < conv->groups; group++) {
        job job = {.variant = variant, .dw = dw + group * weights_of_group(conv), .accumulate = accumulate};
        job.in = planes_of_x(conv, x, group);
        job.out = planes_of_y(conv, dy, group);
        job.in.row = -(ptrdiff_t)conv->pad_h;
        job.in.column = -(ptrdiff_t)conv->pad_w;
        sum_weights_gradient(&job, conv->batch);
    }
}
