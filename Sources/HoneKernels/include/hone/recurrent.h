// Recurrent layers over a whole sequence: the products with the former state and the cells of all steps in one call.
#ifndef HONE_RECURRENT_H
#define HONE_RECURRENT_H

#include "isa.h"

typedef enum hone_cell : int {
    HONE_CELL_TANH = 0,  ///< h' = tanh(x + W h)
    HONE_CELL_RELU,  ///< h' = max(0, x + W h)
    /// Hochreiter and Schmidhuber 1997 with forget gates (Gers et al. 2000); gates i, f, g, o.
    HONE_CELL_LSTM,
    /// Cho et al. 2014 with the reset gate after the product, as cuDNN and torch have it; gates r, z, n.
    HONE_CELL_GRU,
} hone_cell;

/// One direction of one layer. A row of step t and batch entry b is row t * batch + b of its array, or b * time + t when
/// `batch_first`. `reverse` begins with the last step.
typedef struct hone_recurrent {
    hone_cell cell;
    size_t time, batch, hidden;
    bool batch_first, reverse;
} hone_recurrent;

/// The gates of a cell: 1, 4 or 3.
size_t hone_cell_gates(hone_cell cell);

/// `gates` [rows, gates * hidden] has the products of the input with all biases (a GRU's without those of the state),
/// and receives what the backward pass needs. `weight` [gates * hidden, hidden] multiplies the former state, `bias` is
/// that of a GRU's product with the state, or NULL. `products` [rows, 3 * hidden] is a GRU's alone, `cells` [rows,
/// hidden] and `first_cell` an LSTM's. `first` and `first_cell` are [batch, hidden]; `out` is [rows, hidden].
void hone_recurrent_forward(hone_isa isa, const hone_recurrent *r, const float *weight, const float *bias,
                            const float *first, const float *first_cell, float *gates, float *products, float *cells,
                            float *out);

/// `gates` and `products` are the forward's and become their gradients: `gates` that of the input's products, and
/// `products` a GRU's of the state's products (another cell's are those of `gates`). `state` and `cell` [batch, hidden]
/// have the gradients of the last state beyond `dout` and of the last cell, and receive those of the first ones.
/// `former` [rows, hidden] receives the state before each step, by which the weight's gradient is one product.
void hone_recurrent_backward(hone_isa isa, const hone_recurrent *r, const float *weight, const float *first,
                             const float *first_cell, float *gates, float *products, const float *cells,
                             const float *out, const float *dout, float *state, float *cell, float *former);

#endif
