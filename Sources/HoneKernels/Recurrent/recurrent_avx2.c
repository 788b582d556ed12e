// The recurrent kernels for AVX2 with FMA.
#include "kernels.h"

#if HONE_HAS_X86_KERNELS
#include "../VectorMath/begin_avx2.h"

#include "template.h"

#include "../VectorMath/end.h"
#endif
