// Pooling over planes [height, width] of floats, row-major; a batch [N, C, H, W] is N * C planes; 1-D has height 1.
//
// Backward passes write every element of dx, or add to it when `accumulate`. Results do not depend on the number of
// threads.
#ifndef HONE_POOLING_H
#define HONE_POOLING_H

#include "isa.h"

/// Windows over planes. The caller works out `out_height` and `out_width` (by floor or by ceiling): window (i, j)
/// begins at row i * stride_height - pad_height, column j * stride_width - pad_width, and may reach beyond the padding
/// at the end. Kernels, strides and dilations are at least 1, no side is 2^31 or longer.
typedef struct hone_pooling {
    size_t planes, height, width, out_height, out_width;
    size_t kernel_height, kernel_width, stride_height, stride_width;
    size_t pad_height, pad_width, dilation_height, dilation_width;
} hone_pooling;

/// y [planes, out_height, out_width] = the largest element under each window; padding counts as -infinity and NaN wins.
/// `indices`, if not NULL, receives where it was, in 0 ..< height * width: the first of equals, the last of NaNs, as
/// torch has it; -1 for a window over padding alone.
void hone_max_pool(hone_isa isa, const hone_pooling *p, const float *x, float *y, int32_t *indices);

/// dx[plane, indices[o]] (+)= dy[o]; negative indices are left out.
void hone_max_pool_backward(hone_isa isa, const hone_pooling *p, const int32_t *indices, const float *dy, float *dx,
                            bool accumulate);

/// y = the sum under each window over its divisor: `divisor`, or when that is 0 the number of elements within the
/// plane, with `count_include_pad` also those in the padding (but none beyond the padding, in torch's way). Dilations
/// are 1.
void hone_average_pool(hone_isa isa, const hone_pooling *p, bool count_include_pad, size_t divisor, const float *x,
                       float *y);
void hone_average_pool_backward(hone_isa isa, const hone_pooling *p, bool count_include_pad, size_t divisor,
                                const float *dy, float *dx, bool accumulate);

/// Adaptive pooling uses of `p` the planes and sizes alone: window i covers floor(i * height / out_height) ..<
/// ceil((i + 1) * height / out_height), and columns alike. Indices are as for hone_max_pool.
void hone_adaptive_average_pool(hone_isa isa, const hone_pooling *p, const float *x, float *y);
void hone_adaptive_average_pool_backward(hone_isa isa, const hone_pooling *p, const float *dy, float *dx,
                                         bool accumulate);
void hone_adaptive_max_pool(hone_isa isa, const hone_pooling *p, const float *x, float *y, int32_t *indices);
void hone_adaptive_max_pool_backward(hone_isa isa, const hone_pooling *p, const int32_t *indices, const float *dy,
                                     float *dx, bool accumulate);

#endif
