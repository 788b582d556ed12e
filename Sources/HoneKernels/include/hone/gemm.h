// Single-precision matrix multiplication.
#ifndef HONE_GEMM_H
#define HONE_GEMM_H

#include "isa.h"

/// What is applied to a finished element of the product, without a second pass over memory.
typedef enum hone_activation : int {
    HONE_ACTIVATION_NONE = 0,
    HONE_ACTIVATION_RELU = 1,
} hone_activation;

/// The end of a multiplication: c = activation(c + bias), bias along the columns [n] or NULL.
typedef struct hone_epilogue {
    const float *bias;
    hone_activation activation;
} hone_epilogue;

/// c = epilogue(op(a) * op(b) + beta * c), row-major; op(a) is [m, k], op(b) is [k, n], c is [m, n].
/// `lda` is the row length in memory of `a` as stored: [m, k], or [k, m] when `transpose_a`. `epilogue` may be NULL.
/// With beta = 0, c is written and never read. The order of the sum over k depends on the shape alone, never on the
/// number of threads. m, n or k may be 0 (k = 0: c = epilogue(beta * c)).
void hone_sgemm(hone_isa isa, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a,
                size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc,
                const hone_epilogue *epilogue);

#endif
