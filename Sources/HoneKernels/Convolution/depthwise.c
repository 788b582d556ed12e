// Depthwise convolution: groups of one input channel, where a product of matrices would have a single row to share.
//
// Every plane is worked on by itself, with vectors of outputs that are neighbours in a row. Its x is padded first (see
// padded.c), so that no loop looks after edges or strides.
#include "convolution_internal.h"

#include "hone/parallel.h"

#include <string.h>

/// Everything about one call that its pieces share.
typedef struct job {
    const hone_conv_variant *variant;
    const hone_conv *conv;
    conv_padded padded;
    size_t taps, multiple;  // multiple: out channels for each in channel
    size_t room;  // floats of a padded plane
    size_t *offsets;
    const float *x, *w, *y, *bias;
    float *to;
    bool relu, accumulate;
} job;

enum { most_taps = 1024 };

bool hone_conv_depthwise_fits(const hone_conv *conv) {
    size_t taps = conv->kernel_height * conv->kernel_width;
    return conv->groups == conv->in_channels && conv->groups > 1 && taps <= most_taps;
}

static job job_of(const hone_conv_variant *variant, const hone_conv *conv, size_t *offsets) {
    job job = {.variant = variant, .conv = conv, .padded = hone_conv_padded_of(conv), .offsets = offsets};
    job.taps = conv->kernel_height * conv->kernel_width;
    job.multiple = conv->out_channels / conv->groups;
    // Vectors of outputs may end past the last one.
    job.room = conv_round_up(job.padded.plane + variant->lanes, conv_max_lanes);
    for (size_t tap = 0; tap < job.taps; tap++) offsets[tap] = hone_conv_padded_offset(&job.padded, tap);
    return job;
}

static depthwise_plane plane_of(const job *job, float *padded, size_t image, size_t channel) {
    size_t out = job->padded.out_height * job->padded.out_width;
    const float *y = job->y ? job->y : job->to;
    return (depthwise_plane){
        .padded = padded,
        .offsets = job->offsets,
        .taps = job->taps,
        .row = job->padded.row,
        .plain = (float *)y + (image * job->conv->out_channels + channel) * out,
        .height = job->padded.out_height,
        .width = job->padded.out_width,
        .w = job->w ? job->w + channel * job->taps : NULL,
    };
}

static float *clear_plane(const job *job) {
    float *padded = hone_conv_workspace(CONV_OWN, job->room);
    return memset(padded, 0, job->room * sizeof *padded);
}

/// Planes for another thread to be worth its while.
static size_t grain(const job *job) {
    enum { piece_work = 1 << 17 };
    size_t out_plane = job->padded.out_height * job->padded.out_width;
    return conv_most(1, piece_work / (out_plane * job->taps * job->multiple + job->room));
}

static void forward_planes(void *context, size_t begin, size_t end) {
    const job *job = context;
    float *padded = clear_plane(job);
    size_t channels = job->conv->in_channels, size = job->conv->height * job->conv->width;
    for (size_t i = begin; i < end; i++) {
        hone_conv_pad(&job->padded, job->x + i * size, padded);
        for (size_t j = 0; j < job->multiple; j++) {
            size_t channel = i % channels * job->multiple + j;
            depthwise_plane plane = plane_of(job, padded, i / channels, channel);
            job->variant->depthwise_forward(&plane, job->bias ? job->bias[channel] : 0, job->relu, job->accumulate);
        }
    }
}

void hone_conv_depthwise_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                 const float *w, const float *bias, bool relu, float *y) {
    size_t offsets[most_taps];
    job job = job_of(variant, conv, offsets);
    job.x = x;
    job.w = w;
    job.bias = bias;
    job.relu = relu;
    job.to = y;
    hone_parallel_for(conv->batch * conv->in_channels, grain(&job), forward_planes, &job);
}

static void input_gradient_planes(void *context, size_t begin, size_t end) {
    const job *job = context;
    size_t channels = job->conv->in_channels, size = job->conv->height * job->conv->width;
    for (size_t i = begin; i < end; i++) {
        float *padded = clear_plane(job);
        for (size_t j = 0; j < job->multiple; j++) {
            depthwise_plane plane = plane_of(job, padded, i / channels, i % channels * job->multiple + j);
            job->variant->depthwise_backward_input(&plane);
        }
        hone_conv_unpad(&job->padded, padded, job->to + i * size, job->accumulate);
    }
}

void hone_conv_depthwise_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                        const float *w, float *dx, bool accumulate) {
    size_t offsets[most_taps], taps = conv->kernel_height * conv->kernel_width;
    size_t reach_h = conv->dilation_h * (conv->kernel_height - 1);
    size_t reach_w = conv->dilation_w * (conv->kernel_width - 1);
    bool plain = conv->stride_h == 1 && conv->stride_w == 1 && conv->pad_h <= reach_h && conv->pad_w <= reach_w;
    if (plain && conv->out_channels == conv->in_channels) {
        // Gathering is faster than adding up: the convolution of dy with the taps in reverse order.
        hone_conv turned = *conv;
        turned.height = hone_conv_out_height(conv);
        turned.width = hone_conv_out_width(conv);
        turned.pad_h = reach_h - conv->pad_h;
        turned.pad_w = reach_w - conv->pad_w;
        job job = job_of(variant, &turned, offsets);
        for (size_t i = 0, j = taps - 1; i < j; i++, j--) {
            size_t offset = offsets[i];
            offsets[i] = offsets[j];
            offsets[j] = offset;
        }
        job.x = dy;
        job.w = w;
        job.to = dx;
        job.accumulate = accumulate;
        hone_parallel_for(conv->batch * conv->in_channels, grain(&job), forward_planes, &job);
        return;
    }
    job job = job_of(variant, conv, offsets);
    job.y = dy;
    job.w = w;
    job.to = dx;
    job.accumulate = accumulate;
    hone_parallel_for(conv->batch * conv->in_channels, grain(&job), input_gradient_planes, &job);
}

static void weights_gradient_planes(void *context, size_t begin, size_t end) {
    const job *job = context;
    float *padded = clear_plane(job);
    size_t size = job->conv->height * job->conv->width;
    // An out channel at a time, though its x may be padded again for the next: images are summed in order.
    for (size_t channel = begin; channel < end; channel++) {
        double sums[most_taps] = {0};
        for (size_t image = 0; image < job->conv->batch; image++) {
            size_t plane_of_x = image * job->conv->in_channels + channel / job->multiple;
            hone_conv_pad(&job->padded, job->x + plane_of_x * size, padded);
            depthwise_plane plane = plane_of(job, padded, image, channel);
            job->variant->depthwise_backward_weight(&plane, sums);
        }
        float *dw = job->to + channel * job->taps;
        for (size_t tap = 0; tap < job->taps; tap++) {
            dw[tap] = (float)(job->accumulate ? dw[tap] + sums[tap] : sums[tap]);
        }
    }
}

void hone_conv_depthwise_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                         const float *dy, float *dw, bool accumulate) {
    size_t offsets[most_taps];
    job job = job_of(variant, conv, offsets);
    job.x = x;
    job.y = dy;
    job.to = dw;
    job.accumulate = accumulate;
    hone_parallel_for(conv->out_channels, 1, weights_gradient_planes, &job);
}
