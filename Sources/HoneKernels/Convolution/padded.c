// Planes of x with their padding, for loops that take vectors of neighbouring outputs.
//
// The columns of each row are sorted by their remainder modulo the stride, so that what the outputs of a vector need
// for one tap lies side by side whatever the stride.
#include "convolution_internal.h"

#include <string.h>

conv_padded hone_conv_padded_of(const hone_conv *conv) {
    conv_padded padded = {.conv = conv};
    padded.out_height = hone_conv_out_height(conv);
    padded.out_width = hone_conv_out_width(conv);
    size_t step = conv->stride_w, reach_h = (conv->kernel_height - 1) * conv->dilation_h + 1;
    size_t reach_w = (conv->kernel_width - 1) * conv->dilation_w + 1;
    size_t rows = conv_most(conv->height + conv->pad_h, (padded.out_height - 1) * conv->stride_h + reach_h);
    size_t columns = conv_most(conv->width + conv->pad_w, (padded.out_width - 1) * step + reach_w);
    padded.part = conv_quotient_up(columns, step);
    padded.row = conv->stride_h * padded.part * step;
    padded.plane = rows * padded.part * step;
    return padded;
}

size_t hone_conv_padded_offset(const conv_padded *padded, size_t tap) {
    const hone_conv *conv = padded->conv;
    size_t row = tap / conv->kernel_width * conv->dilation_h, column = tap % conv->kernel_width * conv->dilation_w;
    return (row * conv->stride_w + column % conv->stride_w) * padded->part + column / conv->stride_w;
}

/// Where the columns begin that have the same remainder as column `first` of x.
static size_t sorted(const conv_padded *padded, size_t row, size_t first) {
    size_t step = padded->conv->stride_w, column = first + padded->conv->pad_w;
    return ((row + padded->conv->pad_h) * step + column % step) * padded->part + column / step;
}

void hone_conv_pad(const conv_padded *padded, const float *x, float *to) {
    size_t step = padded->conv->stride_w, width = padded->conv->width;
    for (size_t i = 0; i < padded->conv->height; i++, x += width) {
        if (step == 1) {
            memcpy(to + sorted(padded, i, 0), x, width * sizeof *x);
            continue;
        }
        for (size_t first = 0; first < conv_least(step, width); first++) {
            float *at = to + sorted(padded, i, first);
            for (size_t j = first; j < width; j += step) *at++ = x[j];
        }
    }
}

void hone_conv_unpad(const conv_padded *padded, const float *from, float *x, bool accumulate) {
    size_t step = padded->conv->stride_w, width = padded->conv->width;
    for (size_t i = 0; i < padded->conv->height; i++, x += width) {
        for (size_t first = 0; first < conv_least(step, width); first++) {
            const float *at = from + sorted(padded, i, first);
            for (size_t j = first; j < width; j += step, at++) x[j] = accumulate ? x[j] + *at : *at;
        }
    }
}
