// The recurrent kernels for NEON.
#include "kernels.h"

#if HONE_HAS_NEON_KERNELS
#include "../VectorMath/begin_neon.h"

#include "template.h"

#include "../VectorMath/end.h"
#endif
