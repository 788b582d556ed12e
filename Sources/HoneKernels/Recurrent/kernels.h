// The table of recurrent kernels that each instruction set fills: one row of a cell, forward and backward.
#ifndef HONE_RECURRENT_KERNELS_H
#define HONE_RECURRENT_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/recurrent.h"

/// One row of a step: `n` elements of each gate, side by side.
typedef struct hone_cell_row {
    size_t n;
    float *gates;
    float *products;  // a GRU's
    const float *former;  // the state before the step
    const float *former_cell;  // an LSTM's
    float *cell;
    float *out;  // in the backward pass, read alone
    const float *dout;
    float *state, *state_cell;  // gradients of what goes from this step to the next, then of what came from the last
} hone_cell_row;

typedef struct hone_recurrent_kernels {
    void (*forward[4])(const hone_cell_row *row);  // [hone_cell]
    void (*backward[4])(const hone_cell_row *row);
} hone_recurrent_kernels;

HONE_DECLARE_TABLES(hone_recurrent_kernels, hone_recurrent)

#endif
