// Convolution over images, and by way of it over sequences (height 1) and transposed: the transposed convolution is
// hone_conv_backward_input with x for dy, its gradients are hone_conv_forward and hone_conv_backward_weight. A shape alone
// decides which algorithm is taken, and no result depends on the number of threads.
#ifndef HONE_CONVOLUTION_H
#define HONE_CONVOLUTION_H

#include "gemm.h"
#include "isa.h"

/// The sizes of a convolution of x [batch, in_channels, height, width] with the weights
/// w [out_channels, in_channels / groups, kernel_height, kernel_width] to y [batch, out_channels, out height, out
/// width]. Strides, dilations and groups are at least 1; groups divides both numbers of channels.
typedef struct hone_conv {
    size_t batch, in_channels, height, width;
    size_t out_channels, kernel_height, kernel_width;
    size_t stride_h, stride_w, pad_h, pad_w, dilation_h, dilation_w;
    size_t groups;
} hone_conv;

/// (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1, rounded down; 0 when the kernel does not fit.
size_t hone_conv_out_height(const hone_conv *conv);
size_t hone_conv_out_width(const hone_conv *conv);

/// y = activation(convolution of x with w, + bias); bias [out_channels] or NULL.
void hone_conv_forward(hone_isa isa, const hone_conv *conv, const float *x, const float *w, const float *bias,
                       hone_activation activation, float *y);

/// dx (+)= the gradient of <dy, y> with respect to x: the transposed convolution of dy. Rows and columns of x that no
/// output depends on get 0.
void hone_conv_backward_input(hone_isa isa, const hone_conv *conv, const float *dy, const float *w, float *dx,
                              bool accumulate);

/// dw (+)= the gradient of <dy, y> with respect to w.
void hone_conv_backward_weight(hone_isa isa, const hone_conv *conv, const float *x, const float *dy, float *dw,
                               bool accumulate);

/// db [out_channels] (+)= the sum of dy over batch, height and width.
void hone_conv_backward_bias(hone_isa isa, const hone_conv *conv, const float *dy, float *db, bool accumulate);

#endif
