// Moving elements: transposes, strided copies, gathered rows.
#ifndef HONE_LAYOUT_H
#define HONE_LAYOUT_H

#include "isa.h"

/// y [columns, rows] = the transpose of x [rows, columns], 4-byte elements.
void hone_transpose(hone_isa isa, const void *x, void *y, size_t rows, size_t columns);

/// out, contiguous over `shape` [rank], = x read with `strides` (in elements, may be 0 or negative); 4-byte elements.
void hone_strided_copy(const void *x, const ptrdiff_t *strides, void *out, const size_t *shape, int rank);

/// x, written with `strides`, += y, contiguous over `shape`: the gradient of a strided copy.
void hone_strided_add(float *x, const ptrdiff_t *strides, const float *y, const size_t *shape, int rank);

/// out[i, :] = x[index[i], :] for 4-byte elements, row by row; every index is within 0..<rows (the caller has checked).
void hone_gather_rows(const void *x, const int32_t *index, size_t count, size_t row_length, void *out);

/// x[index[i], :] += y[i, :], in the order of i.
void hone_scatter_add_rows(float *x, const int32_t *index, size_t count, size_t row_length, const float *y);

#endif
