// Normalisation layers, forward and backward. Sums are made in an order fixed by the sizes alone, in double precision
// from short runs of floats on; results do not depend on the number of threads.
//
// gamma and beta (the learned scale and shift) may be NULL: 1 and 0. In a backward pass any of dx, dgamma, dbeta may be
// NULL when it is not wanted; `accumulate` says whether dx is added to or overwritten, `accumulate_parameters` the same
// of dgamma and dbeta. y may be x, and dx may be dy when it is overwritten.
#ifndef HONE_NORMALIZATION_H
#define HONE_NORMALIZATION_H

#include "isa.h"

/// Batch normalisation (Ioffe and Szegedy 2015) of x [batch, channels, spatial], over batch and spatial. `relu` puts a
/// ReLU behind it; the backward pass then masks dy by the sign of the output, which it works out anew from x.
typedef struct hone_batch_norm {
    size_t batch, channels, spatial;
    float epsilon;
    bool relu;
} hone_batch_norm;

/// y = (x - mean) * rstd * gamma + beta with the batch's mean and rstd = 1 / sqrt(biased variance + epsilon), both
/// [channels] and saved for the backward pass. running = (1 - momentum) * running + momentum * batch's, for the mean
/// and the unbiased variance; each may be NULL.
void hone_batch_norm_training(hone_isa isa, const hone_batch_norm *b, const float *x, const float *gamma,
                              const float *beta, double momentum, float *running_mean, float *running_var, float *y,
                              float *mean, float *rstd);

/// The same with the running mean and variance in place of the batch's. `rstd` [channels] receives 1 / sqrt(running_var
/// + epsilon) for the backward pass, to which running_mean is the mean; it may be NULL.
void hone_batch_norm_inference(hone_isa isa, const hone_batch_norm *b, const float *x, const float *gamma,
                               const float *beta, const float *running_mean, const float *running_var, float *y,
                               float *rstd);

/// The gradients; `training` says whether mean and rstd were the batch's own. beta matters with `relu` alone.
void hone_batch_norm_backward(hone_isa isa, const hone_batch_norm *b, bool training, const float *x, const float *gamma,
                              const float *beta, const float *mean, const float *rstd, const float *dy, float *dx,
                              float *dgamma, float *dbeta, bool accumulate, bool accumulate_parameters);

/// Layer normalisation (Ba, Kiros and Hinton 2016) of each row of x [rows, length]; gamma and beta are [length], mean
/// and rstd [rows], saved for the backward pass (or NULL).
void hone_layer_norm(hone_isa isa, size_t rows, size_t length, float epsilon, const float *x, const float *gamma,
                     const float *beta, float *y, float *mean, float *rstd);
void hone_layer_norm_backward(hone_isa isa, size_t rows, size_t length, const float *x, const float *gamma,
                              const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma,
                              float *dbeta, bool accumulate, bool accumulate_parameters);

/// RMS normalisation (Zhang and Sennrich 2019): y = x * rstd * gamma with rstd = 1 / sqrt(mean of x^2 + epsilon).
void hone_rms_norm(hone_isa isa, size_t rows, size_t length, float epsilon, const float *x, const float *gamma,
                   float *y, float *rstd);
void hone_rms_norm_backward(hone_isa isa, size_t rows, size_t length, const float *x, const float *gamma,
                            const float *rstd, const float *dy, float *dx, float *dgamma, bool accumulate,
                            bool accumulate_parameters);

/// Group normalisation (Wu and He 2018) of x [batch, channels, spatial] over each of `groups` runs of channels, which
/// divide them evenly; as many groups as channels make instance normalisation. gamma and beta are [channels], mean and
/// rstd [batch, groups], saved for the backward pass (or NULL).
typedef struct hone_group_norm {
    size_t batch, channels, spatial, groups;
    float epsilon;
} hone_group_norm;
void hone_group_norm_forward(hone_isa isa, const hone_group_norm *g, const float *x, const float *gamma,
                             const float *beta, float *y, float *mean, float *rstd);
void hone_group_norm_backward(hone_isa isa, const hone_group_norm *g, const float *x, const float *gamma,
                              const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma,
                              float *dbeta, bool accumulate, bool accumulate_parameters);

#endif
