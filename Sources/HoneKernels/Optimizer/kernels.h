// The table of optimizer kernels that each instruction set fills.
#ifndef HONE_OPTIMIZER_KERNELS_H
#define HONE_OPTIMIZER_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/optimizer.h"

/// What every rule does to its inputs, in single precision.
typedef struct hone_decayed {
    float gain, decay, shrink;
} hone_decayed;

/// A rule's options in single precision; `rest` is 1 - beta. Each family reads some of them.
typedef struct hone_rule_constants {
    hone_decayed input;
    float rate, momentum, undamped;
    float beta1, rest1, beta2, rest2, beta3;
    float mean, direct, square, direct_square;
    float root;  ///< The square root of `square`.
    float epsilon;
    float toward, other_rate;
} hone_rule_constants;

/// The arrays of an update; `sums` has two numbers a block, for kernels that measure.
typedef struct hone_rule_arrays {
    float *p;
    const float *g;
    float *first, *second, *third;
    const float *start;
    double *sums;
} hone_rule_arrays;

/// Updates the elements `from ..< from + n`.
typedef void (*hone_rule_kernel)(const hone_rule_constants *constants, const hone_rule_arrays *arrays, size_t from,
                                 size_t n);

typedef struct hone_optimizer_kernels {
    hone_rule_kernel sgd_plain, sgd_first, sgd_first_nesterov, sgd_momentum, sgd_nesterov;
    hone_rule_kernel adam, adam_maximum, adam_blend, lamb_direction, adamax, lion;
    hone_rule_kernel rms[2][3];  ///< [centred][plain, momentum, Nesterov]
    hone_rule_kernel adadelta;
    hone_rule_kernel schedule_free, schedule_free_adaptive, move_toward;
    hone_rule_kernel prodigy_measure, normalized, averaged_direction;
    void (*factored)(const float *g, float row, const float *column, float least, float *direction, size_t n);
} hone_optimizer_kernels;

HONE_DECLARE_TABLES(hone_optimizer_kernels, hone_optimizer)

#endif
