// Depthwise convolution: groups of one input channel, where a product of matrices would have a single row to share.
//
// Every plane is worked on by itself, with vectors of outputs that are neighbours in a row. Its x is copied to a padded
// plane first, so that no loop looks after edges; and there the columns of each row are sorted by their remainder modulo
// the stride, so that what the outputs of a vector need for one tap lies side by side whatever the stride.
#include "convolution_internal.h"

#include "hone/parallel.h"

#include <string.h>

/// Everything about one call that its pieces share.
typedef struct job {
    const hone_conv_variant *variant;
    const hone_conv *conv;
    size_t out_height, out_width, taps, multiple;  // multiple: out channels for each in channel
    size_t rows, part;  // of a padded plane; part: columns of one remainder
    size_t room;  // floats of a padded plane
    size_t *offsets;
    const float *x, *w, *y, *bias;
    float *to;
    bool relu, accumulate;
} job;

enum { most_taps = 1024 };

bool hone_conv_depthwise_fits(const hone_conv *conv) {
    return conv->groups == conv->in_channels && conv->groups > 1 && conv->kernel_height * conv->kernel_width <= most_taps;
}

static job job_of(const hone_conv_variant *variant, const hone_conv *conv, size_t *offsets) {
    job job = {.variant = variant, .conv = conv, .offsets = offsets};
    job.out_height = hone_conv_out_height(conv);
    job.out_width = hone_conv_out_width(conv);
    job.taps = conv->kernel_height * conv->kernel_width;
    job.multiple = conv->out_channels / conv->groups;
    size_t step = conv->stride_w;
    job.rows = conv_most(conv->height + conv->pad_h,
                         (job.out_height - 1) * conv->stride_h + (conv->kernel_height - 1) * conv->dilation_h + 1);
    job.part = conv_quotient_up(conv_most(conv->width + conv->pad_w, (job.out_width - 1) * step +
                                                                         (conv->kernel_width - 1) * conv->dilation_w + 1),
                                step);
    // Vectors of outputs may end past the last one.
    job.room = conv_round_up(job.rows * job.part * step + variant->lanes, conv_max_lanes);
    for (size_t tap = 0; tap < job.taps; tap++) {
        size_t row = tap / conv->kernel_width * conv->dilation_h, column = tap % conv->kernel_width * conv->dilation_w;
        offsets[tap] = row * job.part * step + column % step * job.part + column / step;
    }
    return job;
}

static depthwise_plane plane_of(const job *job, float *padded, size_t image, size_t channel) {
    size_t out = job->out_height * job->out_width;
    const float *y = job->y ? job->y : job->to;
    return (depthwise_plane){
        .padded = padded,
        .offsets = job->offsets,
        .taps = job->taps,
        .row = job->conv->stride_h * job->part * job->conv->stride_w,
        .plain = (float *)y + (image * job->conv->out_channels + channel) * out,
        .height = job->out_height,
        .width = job->out_width,
        .w = job->w ? job->w + channel * job->taps : NULL,
    };
}

/// A plane of x to the padded one, whose padding is zero already.
static void pad_plane(const job *job, const float *x, float *padded) {
    const hone_conv *conv = job->conv;
    size_t step = conv->stride_w;
    for (size_t i = 0; i < conv->height; i++, x += conv->width) {
        float *row = padded + (i + conv->pad_h) * job->part * step;
        if (step == 1) {
            memcpy(row + conv->pad_w, x, conv->width * sizeof *x);
            continue;
        }
        for (size_t first = 0; first < conv_least(step, conv->width); first++) {
            float *to = row + (first + conv->pad_w) % step * job->part + (first + conv->pad_w) / step;
            for (size_t j = first; j < conv->width; j += step) *to++ = x[j];
        }
    }
}

static void unpad_plane(const job *job, const float *padded, float *x) {
    const hone_conv *conv = job->conv;
    size_t step = conv->stride_w;
    for (size_t i = 0; i < conv->height; i++, x += conv->width) {
        const float *row = padded + (i + conv->pad_h) * job->part * step;
        for (size_t first = 0; first < conv_least(step, conv->width); first++) {
            const float *from = row + (first + conv->pad_w) % step * job->part + (first + conv->pad_w) / step;
            for (size_t j = first; j < conv->width; j += step, from++) x[j] = job->accumulate ? x[j] + *from : *from;
        }
    }
}

static float *clear_plane(const job *job) {
    float *padded = hone_conv_workspace(CONV_OWN, job->room);
    return memset(padded, 0, job->room * sizeof *padded);
}

/// Planes for another thread to be worth its while.
static size_t grain(const job *job) {
    enum { piece_work = 1 << 17 };
    return conv_most(1, piece_work / (job->out_height * job->out_width * job->taps * job->multiple + job->room));
}

static void forward_planes(void *context, size_t begin, size_t end) {
    const job *job = context;
    float *padded = clear_plane(job);
    size_t channels = job->conv->in_channels, size = job->conv->height * job->conv->width;
    for (size_t i = begin; i < end; i++) {
        pad_plane(job, job->x + i * size, padded);
        for (size_t j = 0; j < job->multiple; j++) {
            size_t channel = i % channels * job->multiple + j;
            depthwise_plane plane = plane_of(job, padded, i / channels, channel);
            job->variant->depthwise_forward(&plane, job->bias ? job->bias[channel] : 0, job->relu, job->accumulate);
        }
    }
}

void hone_conv_depthwise_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                                 const float *bias, bool relu, float *y) {
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
        unpad_plane(job, padded, job->to + i * size);
    }
}

void hone_conv_depthwise_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                        const float *w, float *dx, bool accumulate) {
    size_t offsets[most_taps], taps = conv->kernel_height * conv->kernel_width;
    size_t reach_h = conv->dilation_h * (conv->kernel_height - 1), reach_w = conv->dilation_w * (conv->kernel_width - 1);
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
            pad_plane(job, job->x + (image * job->conv->in_channels + channel / job->multiple) * size, padded);
            depthwise_plane plane = plane_of(job, padded, image, channel);
            job->variant->depthwise_backward_weight(&plane, sums);
        }
        float *dw = job->to + channel * job->taps;
        for (size_t tap = 0; tap < job->taps; tap++) dw[tap] = (float)(job->accumulate ? dw[tap] + sums[tap] : sums[tap]);
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
