// All templates of this folder, and the table through which the driver reaches what they define.
#include "tile.template.h"
#include "transpose.template.h"
#include "pack.template.h"
#include "thin.template.h"

static const hone_gemm_variant HONE_NAME(variant) = {
    .lanes = HONE_LANES,
    .rows = HONE_ROWS,
    .vectors = HONE_VECTORS,
    .wide_rows = HONE_WIDE_ROWS,
    .second_level = HONE_SECOND_LEVEL,
    .masks = HONE_MASKS,
    .kernels = HONE_KERNEL_TABLE,
    .pack_straight = HONE_NAME(pack_straight),
    .pack_transposed = HONE_NAME(pack_transposed),
    .one_row = HONE_NAME(one_row),
    .dots = HONE_NAME(dots),
};

#undef HONE_ROWS
#undef HONE_VECTORS
#undef HONE_WIDE_ROWS
#undef HONE_SECOND_LEVEL
#undef HONE_UNROLL
#undef HONE_MASKS
#undef HONE_LAST_MASK
#undef HONE_LOAD_LAST
#undef HONE_STORE_LAST
#undef HONE_KERNEL
#undef HONE_TO_2
#undef HONE_TO_6
#undef HONE_TO_14
#undef HONE_BY_ROWS_ENTRY
#undef HONE_BY_STEPS_ENTRY
#undef HONE_TO_ROWS
#undef HONE_TO_WIDE_ROWS
#undef HONE_KERNEL_TABLE
