// Losses fused with what comes before them.
#ifndef HONE_LOSS_H
#define HONE_LOSS_H

#include "isa.h"

/// Softmax and cross-entropy over rows: returns the sum over rows of -w(label) * log softmax(logits)[label], in double.
/// logits is [rows, classes]; labels is [rows]. `probabilities` [rows, classes], if not NULL, receives the softmax.
/// `weights` [classes] or NULL. A label equal to `ignore_index` contributes nothing. `*count` receives the sum of the
/// weights of the labels that count. A label outside 0..<classes (and not ignored): returns NaN, and `*bad_row` its row
/// (-1 otherwise), before anything is written.
double hone_cross_entropy(hone_isa isa, const float *logits, const int32_t *labels, const float *weights,
                          int32_t ignore_index, size_t rows, size_t classes, float *probabilities, double *count,
                          ptrdiff_t *bad_row);

/// dx = scale * w(label) * (probabilities - onehot(label)), zero for ignored rows; dx may be probabilities.
void hone_cross_entropy_backward(hone_isa isa, const float *probabilities, const int32_t *labels, const float *weights,
                                 int32_t ignore_index, float scale, size_t rows, size_t classes, float *dx,
                                 bool accumulate);

/// The sum over elements of (x - y)^2, in double; and its gradient dx (+)= 2 * scale * (x - y).
double hone_squared_error(hone_isa isa, const float *x, const float *y, size_t n);
void hone_squared_error_backward(hone_isa isa, const float *x, const float *y, float scale, float *dx, size_t n,
                                 bool accumulate);

#endif
