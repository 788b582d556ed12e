// Opens a translation unit whose kernels use AVX-512 (F, DQ, BW, VL): 16 lanes. "end.h" closes it.
#define HONE_LANES 16
#define HONE_FUSED 1
#define HONE_VARIANT(name) name##_avx512

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HONE_TARGET_PUSHED 1
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma"))), apply_to = function)

#include "lanes.h"
