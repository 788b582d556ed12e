// Includes HONE_TEMPLATE once for each instruction set of this processor family; see variants.h. No include guard: a
// file may go through several templates. For each inclusion these are set:
//
//   HONE_VARIANT             portable, avx2, avx512 or neon: the suffix that HONE_NAME adds
//   HONE_IS_PORTABLE, HONE_IS_AVX2, HONE_IS_AVX512, HONE_IS_NEON   1 for the present one, else 0
//   HONE_LANES               floats in a vector
//   HONE_F, HONE_I, HONE_U   that vector of float, int32_t, uint32_t
//   HONE_FMA(a, b, c)        a * b + c for HONE_F, rounded once where the set can do so
#include "variants.h"

#define HONE_VARIANT portable
#define HONE_IS_PORTABLE 1
#define HONE_IS_AVX2 0
#define HONE_IS_AVX512 0
#define HONE_IS_NEON 0
#define HONE_LANES 4
#define HONE_F hone_f4
#define HONE_I hone_i4
#define HONE_U hone_u4
#define HONE_FMA(a, b, c) ((a) * (b) + (c))
#include HONE_TEMPLATE
#undef HONE_VARIANT
#undef HONE_IS_PORTABLE
#undef HONE_LANES
#undef HONE_F
#undef HONE_I
#undef HONE_U
#undef HONE_FMA

#define HONE_IS_PORTABLE 0
#define HONE_FMA(a, b, c) __builtin_elementwise_fma(a, b, c)

#if HONE_HAS_X86
HONE_TARGET_AVX2
#undef HONE_IS_AVX2
#define HONE_VARIANT avx2
#define HONE_IS_AVX2 1
#define HONE_LANES 8
#define HONE_F hone_f8
#define HONE_I hone_i8
#define HONE_U hone_u8
#include HONE_TEMPLATE
#undef HONE_VARIANT
#undef HONE_IS_AVX2
#undef HONE_LANES
#undef HONE_F
#undef HONE_I
#undef HONE_U
#define HONE_IS_AVX2 0
HONE_TARGET_END

HONE_TARGET_AVX512
#undef HONE_IS_AVX512
#define HONE_VARIANT avx512
#define HONE_IS_AVX512 1
#define HONE_LANES 16
#define HONE_F hone_f16
#define HONE_I hone_i16
#define HONE_U hone_u16
#include HONE_TEMPLATE
#undef HONE_VARIANT
#undef HONE_IS_AVX512
#undef HONE_LANES
#undef HONE_F
#undef HONE_I
#undef HONE_U
#define HONE_IS_AVX512 0
HONE_TARGET_END
#endif

#if HONE_HAS_NEON
#undef HONE_IS_NEON
#define HONE_VARIANT neon
#define HONE_IS_NEON 1
#define HONE_LANES 4
#define HONE_F hone_f4
#define HONE_I hone_i4
#define HONE_U hone_u4
#include HONE_TEMPLATE
#undef HONE_VARIANT
#undef HONE_IS_NEON
#undef HONE_LANES
#undef HONE_F
#undef HONE_I
#undef HONE_U
#define HONE_IS_NEON 0
#endif

#undef HONE_IS_PORTABLE
#undef HONE_IS_AVX2
#undef HONE_IS_AVX512
#undef HONE_IS_NEON
#undef HONE_FMA
#undef HONE_TEMPLATE
