// Opens a translation unit whose kernels use plain 4-lane vectors that the compiler lowers to whatever there is.
// Multiply-adds round twice here: a fused one would be a library call a lane where the machine has none.
#define HONE_LANES 4
#define HONE_FUSED 0
#define HONE_VARIANT(name) name##_portable

#include "lanes.h"
