// The table of normalisation kernels that each instruction set fills.
#ifndef HONE_NORMALIZATION_KERNELS_H
#define HONE_NORMALIZATION_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/normalization.h"

/// Stretches of `n` floats, `stride` apart: a channel of a batch.
typedef struct hone_stretches {
    size_t count, stride, n;
} hone_stretches;

/// What every element of a channel goes through: d = x - mean, then d * scale + shift, then perhaps a ReLU.
typedef struct hone_affine {
    float mean, scale, shift;
    bool relu;
} hone_affine;

typedef struct hone_two_sums {
    double first, second;
} hone_two_sums;

/// dx = of_dy * g + of_x * (x - mean) + constant, where g is dy, masked by the affine map's ReLU if it has one.
typedef struct hone_gradient {
    hone_affine affine;
    float of_dy, of_x, constant;
    bool takes_x;  // of_x and constant are not 0
    bool accumulate;
} hone_gradient;

/// The same for each column of a matrix [rows, stride], of which `width` columns are meant.
typedef struct hone_columns {
    size_t rows, stride, width;
} hone_columns;
typedef struct hone_column_affine {
    const float *mean, *scale, *shift;
    bool relu;
} hone_column_affine;
typedef struct hone_column_gradient {
    hone_column_affine affine;
    const float *of_dy, *of_x, *constant;
    bool accumulate;
} hone_column_gradient;

/// Rows of `length` floats, `first` being the number of the first one: row r has the scales gamma[r % groups * length].
typedef struct hone_norm_rows {
    size_t first, rows, length, groups;
    float epsilon;
    bool centred;  // false: RMS normalisation
    const float *gamma, *beta;
} hone_norm_rows;

typedef struct hone_normalization_kernels {
    /// The sums of x - shift and of its square.
    hone_two_sums (*moments)(hone_stretches s, const float *x, float shift);
    void (*affine)(hone_stretches s, const hone_affine *a, const float *x, float *y);
    /// The sums of g and of g * (x - mean).
    hone_two_sums (*gradient_sums)(hone_stretches s, const hone_affine *a, const float *x, const float *dy);
    void (*gradient)(hone_stretches s, const hone_gradient *g, const float *x, const float *dy, float *dx);

    /// The sums of x - shift and of its square, column by column; `shift` is made, from the first rows.
    void (*column_moments)(hone_columns c, const float *x, float *shift, double *sums, double *squares);
    void (*column_affine)(hone_columns c, const hone_column_affine *a, const float *x, float *y);
    void (*column_gradient_sums)(hone_columns c, const hone_column_affine *a, const float *x, const float *dy,
                                 double *sums, double *products);
    void (*column_gradient)(hone_columns c, const hone_column_gradient *g, const float *x, const float *dy, float *dx);

    /// The mean and the mean square of deviations (of x itself, when not centred) of one stretch.
    hone_two_sums (*row_moments)(const float *x, size_t n);
    void (*rows)(const hone_norm_rows *r, const float *x, float *y, float *mean, float *rstd);
    /// `dgamma` and `dbeta` [groups, length] are added to; they may be NULL, as may dx.
    void (*rows_backward)(const hone_norm_rows *r, const float *x, const float *mean, const float *rstd,
                          const float *dy, float *dx, bool accumulate, float *dgamma, float *dbeta);
} hone_normalization_kernels;

HONE_DECLARE_TABLES(hone_normalization_kernels, hone_normalization)

#endif
