// All reduction kernels of one instruction set, and their table.
#include "stretch.template.h"
#include "columns.template.h"
#include "softmax.template.h"

const hone_reduce_kernels HONE_VARIANT(hone_reduce) = {
    .stretch = {stretch_sum, stretch_max, stretch_min, stretch_product, stretch_sum_squares, stretch_sum_absolute},
    .rows = {rows_sum, rows_max, rows_min, rows_product, rows_sum_squares, rows_sum_absolute},
    .columns = {columns_sum, columns_max, columns_min, columns_product, columns_sum_squares, columns_sum_absolute},
    .columns_to_float = {columns_sum_to_float, columns_max_to_float, columns_min_to_float, columns_product_to_float,
                         columns_sum_squares_to_float, columns_sum_absolute_to_float},
    .sum = wide_sum,
    .sum_squares = stretch_sum_squares,
    .dot = dot_product,
    .all_finite = all_finite,
    .arg_rows = arg_rows,
    .arg_columns = arg_columns,
    .softmax = softmax,
    .softmax_backward = softmax_backward,
};
