// Fused optimizer steps: one pass over parameter, gradient and state.
#ifndef HONE_OPTIMIZER_H
#define HONE_OPTIMIZER_H

#include "isa.h"

/// SGD (torch's form): g += decay * p; momentum: b = first ? g : momentum * b + (1 - dampening) * g;
/// p -= rate * (nesterov ? g + momentum * b : b). `buffer` may be NULL when momentum is 0.
typedef struct hone_sgd {
    double rate, momentum, dampening, decay;
    bool nesterov, decoupled, first;  ///< decoupled: p *= 1 - rate * decay, instead of g += decay * p.
} hone_sgd;
void hone_sgd_step(hone_isa isa, const hone_sgd *options, float *p, const float *g, float *buffer, size_t n);

/// Adam (Kingma and Ba 2014, algorithm 1, with torch's order of epsilon): `step` counts from 1.
typedef struct hone_adam {
    double rate, beta1, beta2, epsilon, decay;
    bool decoupled;  ///< Loshchilov and Hutter 2017 (torch's AdamW): p *= 1 - rate * decay first.
    int64_t step;
} hone_adam;
/// `max_v` is NULL, or AMSGrad's maximum of the uncorrected second moment.
void hone_adam_step(hone_isa isa, const hone_adam *options, float *p, const float *g, float *m, float *v, float *max_v, size_t n);

#endif
