// All normalisation kernels of one instruction set, and their table.
#include "stretch.template.h"

#include "columns.template.h"
#include "rows.template.h"

const hone_normalization_kernels HONE_VARIANT(hone_normalization) = {
    .moments = moments,
    .affine = affine,
    .gradient_sums = gradient_sums,
    .gradient = gradient,
    .column_moments = column_moments,
    .column_affine = column_affine,
    .column_gradient_sums = column_gradient_sums,
    .column_gradient = column_gradient,
    .row_moments = row_moments,
    .rows = rows,
    .rows_backward = rows_backward,
};
