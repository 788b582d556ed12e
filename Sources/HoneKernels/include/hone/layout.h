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

/// A table whose rows are looked up, or their gradient (NULL where there is none).
typedef struct hone_table {
    float *rows;
    size_t length;  // of a row
} hone_table;

/// out[i] = the rows index[i, t] of all tables t side by side, and then those of `beside` [rows, beside_length]. Every
/// index is within its table (the caller has checked).
void hone_lookup_rows(const hone_table *tables, size_t count, const int32_t *index, size_t rows, const float *beside,
                      size_t beside_length, float *out);

/// tables[t][index[i, t], :] += its part of y[i], whose rows are `width` long, in the order of i; no two tables are one.
void hone_lookup_add(const hone_table *tables, size_t count, const int32_t *index, size_t rows, const float *y,
                     size_t width);

#endif
