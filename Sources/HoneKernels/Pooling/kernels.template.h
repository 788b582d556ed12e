// All pooling kernels of one instruction set, and their table.
#include "lines.template.h"

#include "average.template.h"
#include "max.template.h"

const hone_pooling_kernels HONE_VARIANT(hone_pooling) = {
    .lanes = HONE_LANES,
    .max = max_plane,
    .max_backward = max_backward,
    .average = average,
    .average_backward = average_backward,
    .adaptive_average = adaptive_average,
    .adaptive_average_backward = adaptive_average_backward,
    .mean = mean,
    .spread = spread,
};
