// The variants of the inner loops: tiles, packing, and products with one row.
#include "gemm_internal.h"

#include "../Dispatch/variants.h"

#include <string.h>

#define HONE_TEMPLATE "../Gemm/kernels.template.h"
#include "../Dispatch/each_variant.h"

const hone_gemm_variant *hone_gemm_variant_of(hone_isa isa) { return HONE_SELECT(isa, &variant); }
