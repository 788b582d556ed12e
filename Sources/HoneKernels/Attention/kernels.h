// The table of attention kernels that each instruction set fills: what is done to rows of scores between the products.
#ifndef HONE_ATTENTION_KERNELS_H
#define HONE_ATTENTION_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/attention.h"

/// A row of a tile of scores.
typedef struct hone_score_row {
    float *scores;  // [width]
    size_t visible, width;  // keys that the query sees, and keys of the tile
    float scale;
    const float *mask;  // of the tile's first key, or NULL
    const uint32_t *words;  // random words for dropout, or NULL
    uint32_t threshold;  // words whose top 24 bits are less are dropped,
    float kept;  // others multiplied by this
} hone_score_row;

/// What a row of the softmax has come to so far.
typedef struct hone_running_softmax {
    float largest, sum;
} hone_running_softmax;

typedef struct hone_attention_kernels {
    /// Takes the row into the running softmax, and puts exponentials, dropped or not, in the place of scores. Returns
    /// the factor for what the row's earlier tiles have come to.
    float (*softmax)(const hone_score_row *row, hone_running_softmax *running);
    /// Puts probabilities, dropped or not, in the place of scores, and in `gradients`, which holds dout . v, the
    /// scores' gradient: p (gradient - mean) times the scale.
    void (*softmax_backward)(const hone_score_row *row, float log_sum_exp, float mean, float *gradients);
    void (*scale)(float factor, float *x, size_t n);
    /// The products of the rows of two matrices that lie alike, `row` apart.
    void (*dots)(const float *a, const float *b, size_t row, size_t rows, size_t n, float *out);
    /// One row of hone_rotate, by the cosines and sines of its time.
    void (*rotate)(const hone_rotary *r, const float *x, const float *cosines, const float *sines, float *y,
                   bool accumulate);
} hone_attention_kernels;

HONE_DECLARE_TABLES(hone_attention_kernels, hone_attention)

#endif
