// Fused optimizer steps: one pass over parameter, gradient and state. What depends on the number of the step (bias
// corrections, warm-up) is worked into the options by the caller.
//
// Common to all options: `gain` multiplies the gradient (-1 ascends), `decay * p` is added to it, and `shrink`
// multiplies the parameter before anything else (1: no decoupled decay); the added decay sees the parameter as it was.
#ifndef HONE_OPTIMIZER_H
#define HONE_OPTIMIZER_H

#include "isa.h"

/// SGD (torch's form): b = first ? g : momentum * b + (1 - dampening) * g;
/// p -= rate * (nesterov ? g + momentum * b : b). `buffer` may be NULL when momentum is 0.
typedef struct hone_sgd {
    double gain, decay, shrink, rate, momentum, dampening;
    bool nesterov, first;
} hone_sgd;
void hone_sgd_step(hone_isa isa, const hone_sgd *options, float *p, const float *g, float *buffer, size_t n);

/// The family of Adam: m = beta1 * m + (1 - beta1) * g; v = beta2 * v + (1 - beta2) * g²;
/// p -= (mean * m + direct * g) / (sqrt(square * v + direct_square * g²) + epsilon).
typedef struct hone_adam {
    double gain, decay, shrink, beta1, beta2, mean, direct, square, direct_square, epsilon;
} hone_adam;
/// `max_v` is NULL, or the maximum of v that takes its place below the root (AMSGrad); both `direct`s are 0 then.
void hone_adam_step(hone_isa isa, const hone_adam *options, float *p, const float *g, float *m, float *v, float *max_v,
                    size_t n);

/// The direction of LAMB: moments as hone_adam without a decay of the gradient, and
/// direction = mean * m / (sqrt(square * v) + epsilon) + decay * p.
void hone_lamb_direction(hone_isa isa, const hone_adam *options, const float *p, const float *g, float *m, float *v,
                         float *direction, size_t n);

/// Adamax: m as in hone_adam; u = max(beta2 * u, |g| + epsilon); p -= rate * m / u.
typedef struct hone_adamax {
    double gain, decay, shrink, beta1, beta2, rate, epsilon;
} hone_adamax;
void hone_adamax_step(hone_isa isa, const hone_adamax *options, float *p, const float *g, float *m, float *u, size_t n);

/// Lion: p -= rate * sign(beta1 * m + (1 - beta1) * g); m = beta2 * m + (1 - beta2) * g.
typedef struct hone_lion {
    double gain, decay, shrink, beta1, beta2, rate;
} hone_lion;
void hone_lion_step(hone_isa isa, const hone_lion *options, float *p, const float *g, float *m, size_t n);

/// Adagrad and RMSprop: v = keep * v + add * g²; with `mean`: mean = keep * mean + add * g, and v - mean² below the
/// root; d = g / (sqrt(v) + epsilon); with `buffer`: b = momentum * b + d; p -= rate * (d, or b, or d + momentum * b).
typedef struct hone_rms {
    double gain, decay, shrink, keep, add, rate, momentum, epsilon;
    bool nesterov;
} hone_rms;
void hone_rms_step(hone_isa isa, const hone_rms *options, float *p, const float *g, float *v, float *mean, float *buffer,
                   size_t n);

/// AdaDelta: v = rho * v + (1 - rho) * g²; d = sqrt(u + epsilon) / sqrt(v + epsilon) * g; u = rho * u + (1 - rho) * d²;
/// p -= rate * d.
typedef struct hone_adadelta {
    double gain, decay, shrink, rate, rho, epsilon;
} hone_adadelta;
void hone_adadelta_step(hone_isa isa, const hone_adadelta *options, float *p, const float *g, float *v, float *u,
                        size_t n);

/// Schedule-free: with `v`: v = beta2 * v + (1 - beta2) * g², d = g / (sqrt(square * v) + epsilon), else d = g;
/// d += normal_decay * y; y += toward * (z - y) - y_rate * d; z -= z_rate * d.
typedef struct hone_schedule_free {
    double gain, decay, shrink, normal_decay, beta2, square, epsilon, toward, y_rate, z_rate;
} hone_schedule_free;
void hone_schedule_free_step(hone_isa isa, const hone_schedule_free *options, float *y, const float *g, float *z,
                             float *v, size_t n);

/// p += weight * (target - p)
void hone_move_toward(hone_isa isa, double weight, const float *target, float *p, size_t n);

/// The first half of Prodigy: m = beta1 * m + d * (1 - beta1) * g; v = beta2 * v + d² * (1 - beta2) * g²;
/// s = beta3 * s + weight * g. Gives the sums of g * (start - p) and of |s|, in an order fixed by n alone.
typedef struct hone_prodigy {
    double gain, decay, shrink, beta1, beta2, beta3, d, weight;
} hone_prodigy;
void hone_prodigy_measure(hone_isa isa, const hone_prodigy *options, const float *p, const float *g, float *m, float *v,
                          float *s, const float *start, size_t n, double *product, double *size);

/// p = shrink * p - rate * m / (sqrt(v) + epsilon): the second half of Prodigy.
void hone_normalized_step(hone_isa isa, double shrink, double rate, double epsilon, float *p, const float *m,
                          const float *v, size_t n);

/// v += fresh * (g² - v); direction = g / sqrt(max(v, least)): Adafactor of a vector.
void hone_averaged_direction(hone_isa isa, const float *g, double fresh, double least, float *v, float *direction,
                             size_t n);

/// direction[i, j] = g[i, j] / sqrt(max(row[i] * column[j], least)), for g [rows, columns]: Adafactor.
void hone_factored_direction(hone_isa isa, const float *g, const float *row, const float *column, double least,
                             float *direction, size_t rows, size_t columns);

#endif
