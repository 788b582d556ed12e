// Convolution: which way of working a case goes, and what is common to all.
#include "convolution_internal.h"

#include "hone/parallel.h"

#include <string.h>

static size_t out_size(size_t size, size_t kernel, size_t stride, size_t pad, size_t dilation) {
    if (!kernel) return 0;
    size_t padded = size + 2 * pad, reach = dilation * (kernel - 1) + 1;
    return padded < reach ? 0 : (padded - reach) / stride + 1;
}

size_t hone_conv_out_height(const hone_conv *conv) {
    return out_size(conv->height, conv->kernel_height, conv->stride_h, conv->pad_h, conv->dilation_h);
}

size_t hone_conv_out_width(const hone_conv *conv) {
    return out_size(conv->width, conv->kernel_width, conv->stride_w, conv->pad_w, conv->dilation_w);
}

/// The sizes of the three tensors, in elements.
typedef struct sizes {
    size_t x, w, y;
} sizes;

static sizes sizes_of(const hone_conv *conv) {
    size_t out = hone_conv_out_height(conv) * hone_conv_out_width(conv);
    size_t channels = conv->groups ? conv->in_channels / conv->groups : 0;
    return (sizes){
        .x = conv->batch * conv->in_channels * conv->height * conv->width,
        .w = conv->out_channels * channels * conv->kernel_height * conv->kernel_width,
        .y = conv->batch * conv->out_channels * out,
    };
}

void hone_conv_forward(hone_isa isa, const hone_conv *conv, const float *x, const float *w, const float *bias,
                       hone_activation activation, float *y) {
    sizes sizes = sizes_of(conv);
    bool relu = activation == HONE_ACTIVATION_RELU;
    if (!sizes.y) return;
    if (!sizes.w || !sizes.x) {
        // Empty sums: only the bias is left.
        size_t plane = sizes.y / (conv->batch * conv->out_channels);
        for (size_t i = 0; i < sizes.y; i++) {
            float value = bias ? bias[i / plane % conv->out_channels] : 0;
            y[i] = relu && value < 0 ? 0 : value;
        }
        return;
    }
    const hone_conv_variant *variant = hone_conv_variant_of(isa);
    if (hone_conv_winograd_fits(conv)) {
        hone_conv_winograd_forward(variant, conv, x, w, bias, relu, y);
    } else if (hone_conv_direct_fits(conv)) {
        hone_conv_direct_forward(variant, conv, x, w, bias, relu, y);
    } else if (hone_conv_depthwise_fits(conv)) {
        hone_conv_depthwise_forward(variant, conv, x, w, bias, relu, y);
    } else {
        hone_conv_implicit_forward(variant, conv, x, w, bias, relu, y);
    }
}

void hone_conv_backward_input(hone_isa isa, const hone_conv *conv, const float *dy, const float *w, float *dx,
                              bool accumulate) {
    sizes sizes = sizes_of(conv);
    if (!sizes.x) return;
    if (!sizes.w || !sizes.y) {
        if (!accumulate) memset(dx, 0, sizes.x * sizeof *dx);
        return;
    }
    const hone_conv_variant *variant = hone_conv_variant_of(isa);
    if (hone_conv_winograd_fits(conv)) {
        hone_conv_winograd_backward_input(variant, conv, dy, w, dx, accumulate);
    } else if (hone_conv_depthwise_fits(conv)) {
        hone_conv_depthwise_backward_input(variant, conv, dy, w, dx, accumulate);
    } else {
        hone_conv_implicit_backward_input(variant, conv, dy, w, dx, accumulate);
    }
}

void hone_conv_backward_weight(hone_isa isa, const hone_conv *conv, const float *x, const float *dy, float *dw,
                               bool accumulate) {
    sizes sizes = sizes_of(conv);
    if (!sizes.w) return;
    if (!sizes.x || !sizes.y) {
        if (!accumulate) memset(dw, 0, sizes.w * sizeof *dw);
        return;
    }
    const hone_conv_variant *variant = hone_conv_variant_of(isa);
    if (hone_conv_winograd_fits(conv)) {
        hone_conv_winograd_backward_weight(variant, conv, x, dy, dw, accumulate);
    } else if (hone_conv_direct_fits(conv)) {
        hone_conv_direct_backward_weight(variant, conv, x, dy, dw, accumulate);
    } else if (hone_conv_depthwise_fits(conv)) {
        hone_conv_depthwise_backward_weight(variant, conv, x, dy, dw, accumulate);
    } else {
        hone_conv_implicit_backward_weight(variant, conv, x, dy, dw, accumulate);
    }
}

/// The gradient of the bias.
typedef struct bias_job {
    const hone_conv_variant *variant;
    size_t batch, channels, plane;
    const float *dy;
    float *db;
    bool accumulate;
} bias_job;

static void sum_channels(void *context, size_t begin, size_t end) {
    const bias_job *job = context;
    for (size_t channel = begin; channel < end; channel++) {
        double sum = 0;
        for (size_t image = 0; image < job->batch; image++) {
            sum += job->variant->sum(job->dy + (image * job->channels + channel) * job->plane, job->plane);
        }
        job->db[channel] = (float)(job->accumulate ? job->db[channel] + sum : sum);
    }
}

void hone_conv_backward_bias(hone_isa isa, const hone_conv *conv, const float *dy, float *db, bool accumulate) {
    size_t plane = hone_conv_out_height(conv) * hone_conv_out_width(conv);
    bias_job job = {hone_conv_variant_of(isa), conv->batch, conv->out_channels, plane, dy, db, accumulate};
    enum { piece_floats = 1 << 14 };
    size_t grain = conv_most(1, piece_floats / conv_most(1, conv->batch * plane));
    hone_parallel_for(conv->out_channels, grain, sum_channels, &job);
}
