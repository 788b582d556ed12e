// 3 x 3 convolution by Winograd's minimal filtering: the gradient of the weights; winograd.c says how it comes about.
//
// The sum over tiles goes over chunks, given by the sizes alone: a chunk of x and of dy is transformed, with the
// channels shared out to the threads, then multiplied, with the points and channels shared out, which adds to
// [point][in block] [out][lane]. At the end these are transformed to the weights.
#include "winograd_internal.h"

#include "hone/parallel.h"

enum {
    chunk_floats = 256 << 10,  // of transformed inputs and outputs: the second level of cache
    chunk_tiles = 64,  // at least
    chunk_step = 128,  // tiles of a chunk multiplied at a time: three vectors of them are 24 KiB
    weight_points = winograd_weight_axis * winograd_weight_axis,
};

typedef struct call {
    winograd_job job;
    float *dw;
    bool accumulate;
    float *weights, *in, *out;  // points
    size_t weights_stride, in_stride, out_stride;
    size_t begin, end, tiles;  // units of the present chunk
    size_t segments, in_parts, out_parts;  // in which it is shared out
} call;

/// Item: a block of channels of x, then of dy, over one segment of the chunk.
static void transform_chunk(void *context, size_t begin, size_t end) {
    const call *call = context;
    const winograd_job *job = &call->job;
    size_t lanes = job->lanes, units = call->end - call->begin;
    float *stage = hone_conv_workspace(CONV_OWN, hone_winograd_stage(job, units));
    for (size_t i = begin; i < end; i++) {
        size_t block = i / call->segments, segment = i % call->segments;
        size_t first = conv_share(units, call->segments, segment);
        size_t last = conv_share(units, call->segments, segment + 1);
        bool gradient = block >= job->in.blocks;
        if (gradient) block -= job->in.blocks;
        float *points = (gradient ? call->out : call->in) + (block * call->tiles + first * job->tile_columns) * lanes;
        hone_winograd_transform(job, gradient, block, call->begin + first, call->begin + last, stage, points,
                                gradient ? call->out_stride : call->in_stride);
    }
}

/// One point of a chunk's tiles, for the product of some channels that `tile` has all else of.
static void multiply_point(const call *call, size_t point, conv_tile tile, const float *out, const float *in,
                           bool first, size_t rows, size_t vectors) {
    for (size_t t = 0; t < call->tiles; t += chunk_step) {
        tile.inner = conv_least(chunk_step, call->tiles - t);
        tile.a = out + point * call->out_stride + t * call->job.lanes;
        tile.b = in + point * call->in_stride + t * call->job.lanes;
        tile.accumulate = !first || t > 0;
        hone_conv_run_tiles(call->job.variant, CONV_ALONG, &tile, rows, call->tiles * call->job.lanes, vectors);
    }
}

/// Item: some blocks of in channels and of out channels, and a point of the weights. The points are the innermost, as
/// some are the sums of several points of the tiles.
static void multiply_chunk(void *context, size_t begin, size_t end) {
    const call *call = context;
    const winograd_job *job = &call->job;
    enum { axis = winograd_weight_axis };
    size_t lanes = job->lanes, plane = call->tiles * lanes, last = job->scheme->axis;
    for (size_t i = begin; i < end; i++) {
        size_t part = i / weight_points, row = i % weight_points / axis, column = i % axis;
        size_t first = conv_share(job->in.blocks, call->in_parts, part / call->out_parts);
        size_t limit = conv_share(job->in.blocks, call->in_parts, part / call->out_parts + 1);
        size_t top = conv_share(job->out.blocks, call->out_parts, part % call->out_parts);
        size_t bottom = conv_share(job->out.blocks, call->out_parts, part % call->out_parts + 1);
        size_t rows = conv_least(bottom * lanes, job->out.channels) - top * lanes;
        conv_tile tile = {.outer = 1, .b_vector = plane, .c_row = lanes, .c_vector = job->out.channels * lanes};
        tile.c = call->weights + i % weight_points * call->weights_stride + first * tile.c_vector + top * lanes * lanes;
        bool fresh = call->begin == 0;
        for (size_t r = row; r < (row + 1 < axis ? row + 1 : last); r++) {
            for (size_t c = column; c < (column + 1 < axis ? column + 1 : last); c++) {
                multiply_point(call, r * last + c, tile, call->out + top * plane, call->in + first * plane, fresh, rows,
                               limit - first);
                fresh = false;
            }
        }
    }
}

/// Item: a block of in channels and an out channel.
static void put_weights(void *context, size_t begin, size_t end) {
    const call *call = context;
    const winograd_job *job = &call->job;
    for (size_t i = begin; i < end; i++) {
        size_t first = i / job->out.channels * job->lanes, channel = i % job->out.channels;
        float *to = call->dw + (channel * job->in.channels + first) * 9;
        job->scheme->weights_gradient(call->weights + i * job->lanes, call->weights_stride,
                                      conv_least(job->lanes, job->in.channels - first), to, 9, call->accumulate);
    }
}

static void sum_weights(call *call, size_t batch) {
    winograd_job *job = &call->job;
    hone_winograd_lay_tiles(job, batch);
    size_t lanes = job->lanes, blocks = job->in.blocks + job->out.blocks;
    size_t tiles = conv_most(chunk_floats / (job->points * blocks * lanes), chunk_tiles);
    size_t units = conv_least(conv_most(1, tiles / job->tile_columns), job->units), most = units * job->tile_columns;
    call->weights_stride = winograd_stride(job->in.blocks * job->out.channels * lanes, lanes);
    call->in_stride = winograd_stride(job->in.blocks * most * lanes, lanes);
    call->out_stride = winograd_stride(job->out.blocks * most * lanes, lanes);
    size_t floats = weight_points * call->weights_stride;
    call->weights = hone_conv_workspace(CONV_SHARED, floats + job->points * (call->in_stride + call->out_stride));
    call->in = call->weights + floats;
    call->out = call->in + job->points * call->in_stride;

    call->in_parts = conv_quotient_up(job->in.blocks, job->variant->vectors);
    call->out_parts = conv_least(conv_quotient_up(8, call->in_parts), job->out.blocks);
    size_t share = conv_quotient_up(8 * (size_t)hone_threads(), blocks);
    for (size_t begin = 0; begin < job->units; begin += units) {
        call->begin = begin;
        call->end = conv_least(begin + units, job->units);
        call->tiles = (call->end - begin) * job->tile_columns;
        call->segments = conv_least(share, call->end - begin);
        hone_parallel_for(blocks * call->segments, 1, transform_chunk, call);
        hone_parallel_for(call->in_parts * call->out_parts * weight_points, 1, multiply_chunk, call);
    }
    enum { grain = 256 };
    hone_parallel_for(job->in.blocks * job->out.channels, grain, put_weights, call);
}

void hone_conv_winograd_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                        const float *dy, float *dw, bool accumulate) {
    size_t channels = conv->in_channels / conv->groups, outputs = conv->out_channels / conv->groups;
    for (size_t group = 0; group < conv->groups; group++) {
        call call = {.dw = dw + group * outputs * channels * 9, .accumulate = accumulate};
        call.job.variant = variant;
        call.job.scheme = &variant->winograd[conv->stride_h == 1 ? WINOGRAD_DENSE : WINOGRAD_STRIDED];
        call.job.in = hone_winograd_planes_of_x(conv, x, group);
        call.job.out = hone_winograd_planes_of_y(conv, dy, group);
        sum_weights(&call, conv->batch);
    }
}
