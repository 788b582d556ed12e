// Losses fused with what comes before them.
#ifndef HONE_LOSS_H
#define HONE_LOSS_H

#include "isa.h"

/// An index that no label of 32 bits has.
#define HONE_IGNORE_NONE INT64_MIN

/// Softmax and cross-entropy over rows: returns the sum over rows of -w(label) * log softmax(logits)[label], in double.
/// logits is [rows, classes]; labels is [rows]. `probabilities` [rows, classes], if not NULL, receives the softmax.
/// `weights` [classes] or NULL. A label equal to `ignore_index` contributes nothing; HONE_IGNORE_NONE is no label. `*count` receives the sum of the
/// weights of the labels that count. A label outside 0..<classes (and not ignored): returns NaN, and `*bad_row` its row
/// (-1 otherwise), before anything is written.
double hone_cross_entropy(hone_isa isa, const float *logits, const int32_t *labels, const float *weights,
                          int64_t ignore_index, size_t rows, size_t classes, float *probabilities, double *count,
                          ptrdiff_t *bad_row);

/// dx = scale * w(label) * (probabilities - onehot(label)), zero for ignored rows; dx may be probabilities.
void hone_cross_entropy_backward(hone_isa isa, const float *probabilities, const int32_t *labels, const float *weights,
                                 int64_t ignore_index, float scale, size_t rows, size_t classes, float *dx,
                                 bool accumulate);

/// The sum over elements of (x - y)^2, in double; and its gradient dx (+)= 2 * scale * (x - y).
double hone_squared_error(hone_isa isa, const float *x, const float *y, size_t n);
void hone_squared_error_backward(hone_isa isa, const float *x, const float *y, float scale, float *dx, size_t n,
                                 bool accumulate);

/// Losses of a prediction x and a target y, element by element, with a parameter p.
typedef enum hone_pair_loss : int {
    HONE_ABSOLUTE_ERROR = 0,  // |x - y|; gradient 0 at 0
    HONE_HUBER,               // (x - y)^2 / 2 within p, p (|x - y| - p / 2) beyond
    HONE_LOGISTIC,            // -y log s(x) - (1 - y) log(1 - s(x)), s the logistic function
    HONE_BINARY,              // -y log x - (1 - y) log(1 - x), each logarithm at least -100
    HONE_PAIR_LOSS_COUNT,
} hone_pair_loss;

/// out[i] = the loss of x[i] and y[i]; out may be x or y.
void hone_pair_losses(hone_isa isa, hone_pair_loss op, const float *x, const float *y, float p, float *out, size_t n);

/// dx[i] (+)= g[i] times the slope by x, or by y when `by_target`. HONE_BINARY's slope by x is that of PyTorch,
/// (x - y) / max(x (1 - x), 1e-12).
void hone_pair_losses_backward(hone_isa isa, hone_pair_loss op, bool by_target, const float *x, const float *y, float p,
                               const float *g, float *dx, size_t n, bool accumulate);

#endif
