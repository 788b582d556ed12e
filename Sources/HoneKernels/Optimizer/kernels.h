// The table of optimizer kernels that each instruction set fills.
#ifndef HONE_OPTIMIZER_KERNELS_H
#define HONE_OPTIMIZER_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/optimizer.h"

/// hone_sgd in single precision.
typedef struct hone_sgd_constants {
    float rate, momentum, undamped, decay;  ///< undamped: 1 - dampening.
    float shrink;  ///< 1 - rate * decay when decoupled, else 1.
} hone_sgd_constants;

/// hone_adam in single precision, with the bias corrections worked in.
typedef struct hone_adam_constants {
    float beta1, rest1, beta2, rest2;  ///< rest: 1 - beta.
    float rate;  ///< The rate over the first moment's correction.
    float root;  ///< One over the root of the second moment's correction.
    float epsilon, decay, shrink;
} hone_adam_constants;

typedef void (*hone_sgd_kernel)(const hone_sgd_constants *constants, float *p, const float *g, float *buffer, size_t n);
typedef void (*hone_adam_kernel)(const hone_adam_constants *constants, float *p, const float *g, float *m, float *v,
                                 float *max_v, size_t n);

typedef struct hone_optimizer_kernels {
    hone_sgd_kernel sgd_plain, sgd_first, sgd_first_nesterov, sgd_momentum, sgd_nesterov;
    hone_adam_kernel adam, adam_maximum;
} hone_optimizer_kernels;

HONE_DECLARE_TABLES(hone_optimizer_kernels, hone_optimizer)

#endif
