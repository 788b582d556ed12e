// The pooling kernels for any machine.
#include "kernels.h"

#include "../VectorMath/begin_portable.h"

#include "kernels.template.h"

#include "../VectorMath/end.h"
