// The table of pooling kernels that each instruction set fills. Each works on one plane.
#ifndef HONE_POOLING_KERNELS_H
#define HONE_POOLING_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/pooling.h"

/// How rows are laid out for windows: every element, the padding included, goes to the phase of its column modulo the
/// stride, so that what neighbouring windows read lies side by side.
typedef struct hone_phases {
    size_t length;  // of one phase: whole vectors for every position within a window
    size_t taken;  // columns of the plane that any window reaches
    size_t row;  // floats in a row: all phases
} hone_phases;

/// What the planes of one call have in common.
typedef struct hone_pooling_plan {
    hone_pooling p;
    hone_phases phases;
    bool pairs;  // windows of 2 x 2 side by side, all within the plane
    size_t ring_rows;  // rows that one window reaches over
    const size_t *taps;  // where the elements at each place of all windows begin in a row of phases
    const int32_t *first_column;  // of each output column's window, within the plane; -1 if there is none
    const float *row_counts, *column_counts;  // a window's divisor is the product of the two
} hone_pooling_plan;

typedef struct hone_pooling_kernels {
    /// Floats in a vector, to which phases are rounded up.
    size_t lanes;
    /// `lines` has ring_rows rows of phases, filled with -infinity, and `held` room for the numbers of rows in them.
    void (*max)(const hone_pooling_plan *plan, const float *x, float *y, int32_t *indices, float *lines,
                ptrdiff_t *held);
    void (*max_backward)(const hone_pooling_plan *plan, const int32_t *indices, const float *dy, float *dx,
                         bool accumulate);
    /// `lines` has one row of phases, filled with zeros, and room for a row of the plane.
    void (*average)(const hone_pooling_plan *plan, const float *x, float *y, float *lines);
    void (*average_backward)(const hone_pooling_plan *plan, const float *dy, float *dx, bool accumulate, float *lines);
    /// `lines` has room for a row of the plane.
    void (*adaptive_average)(const hone_pooling *p, const float *x, float *y, float *lines);
    void (*adaptive_average_backward)(const hone_pooling *p, const float *dy, float *dx, bool accumulate, float *lines);
    /// The mean of a whole plane, and its gradient.
    float (*mean)(const float *x, size_t n);
    void (*spread)(float value, float *dx, size_t n, bool accumulate);
} hone_pooling_kernels;

HONE_DECLARE_TABLES(hone_pooling_kernels, hone_pooling)

#endif
