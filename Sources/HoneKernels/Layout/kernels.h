// The table of layout kernels that each instruction set fills.
#ifndef HONE_LAYOUT_KERNELS_H
#define HONE_LAYOUT_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/layout.h"

typedef struct hone_layout_kernels {
    /// Transposes the rows `first ..< last` of x [rows, columns] into the columns of y [columns, rows].
    void (*transpose)(const uint32_t *x, uint32_t *y, size_t rows, size_t columns, size_t first, size_t last);
} hone_layout_kernels;

HONE_DECLARE_TABLES(hone_layout_kernels, hone_layout)

#endif
