// The table of layout kernels that each instruction set fills.
#ifndef HONE_LAYOUT_KERNELS_H
#define HONE_LAYOUT_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/layout.h"

typedef struct hone_layout_kernels {
    /// y[c * y_step + r] = x[r * x_step + c] for r < rows and c < columns.
    void (*transpose)(const uint32_t *x, ptrdiff_t x_step, uint32_t *y, ptrdiff_t y_step, size_t rows, size_t columns);
} hone_layout_kernels;

HONE_DECLARE_TABLES(hone_layout_kernels, hone_layout)

#endif
