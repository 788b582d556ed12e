// Opens a translation unit whose kernels use NEON: 4 lanes with fused multiply-adds, the baseline of arm64.
#define HONE_LANES 4
#define HONE_FUSED 1
#define HONE_VARIANT(name) name##_neon

#include "lanes.h"
