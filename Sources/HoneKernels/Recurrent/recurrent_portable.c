// The recurrent kernels for any machine.
#include "kernels.h"

#include "../VectorMath/begin_portable.h"

#include "template.h"

#include "../VectorMath/end.h"
