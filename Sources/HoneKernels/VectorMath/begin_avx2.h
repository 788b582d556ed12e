// Opens a translation unit whose kernels use AVX2 with FMA: 8 lanes. "end.h" closes it.
#define HONE_LANES 8
#define HONE_FUSED 1
#define HONE_VARIANT(name) name##_avx2

#include <immintrin.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define HONE_TARGET_PUSHED 1
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#include "lanes.h"
