// All templates of this folder, and the table through which the drivers reach what they define.
#include "tile.template.h"
#include "../Gemm/transpose.template.h"
#include "lanes.template.h"
#include "patches.template.h"
#include "direct.template.h"
#include "depthwise.template.h"
#include "winograd.template.h"

static const hone_conv_variant HONE_NAME(variant) = {
    .lanes = HONE_LANES,
    .rows = HONE_ROWS,
    .vectors = conv_max_vectors,
    .kernels = HONE_KERNEL_TABLE,
    .gather_patches = HONE_NAME(gather_patches),
    .scatter_patches = HONE_NAME(scatter_patches),
    .gather_plain = HONE_NAME(gather_plain),
    .finish = HONE_NAME(finish),
    .to_lanes = HONE_NAME(to_lanes),
    .from_lanes = HONE_NAME(from_lanes),
    .direct_outputs = HONE_DIRECT_TABLE(HONE_OUTPUTS_ENTRY),
    .direct_weights = HONE_DIRECT_TABLE(HONE_WEIGHTS_ENTRY),
    .depthwise_forward = HONE_NAME(depthwise_forward),
    .depthwise_backward_input = HONE_NAME(depthwise_backward_input),
    .depthwise_backward_weight = HONE_NAME(depthwise_backward_weight),
    .sum = HONE_NAME(sum),
    .winograd = HONE_WINOGRAD_TABLE,
};

#undef HONE_ROWS
#undef HONE_UNROLL
#undef HONE_KERNEL
#undef HONE_TO_4
#undef HONE_TO_8
#undef HONE_TO_ROWS
#undef HONE_ACROSS_ENTRY
#undef HONE_ALONG_ENTRY
#undef HONE_KERNEL_TABLE
#undef HONE_WINOGRAD_TABLE
#undef HONE_DIRECT
#undef HONE_OUTPUTS_ENTRY
#undef HONE_WEIGHTS_ENTRY
#undef HONE_DIRECT_TABLE
