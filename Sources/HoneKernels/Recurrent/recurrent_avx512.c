// The recurrent kernels for AVX-512.
#include "kernels.h"

#if HONE_HAS_X86_KERNELS
#include "../VectorMath/begin_avx512.h"

#include "template.h"

#include "../VectorMath/end.h"
#endif
