// Scaled dot-product attention, fused: no matrix of all queries by all keys is ever in memory.
#ifndef HONE_ATTENTION_H
#define HONE_ATTENTION_H

#include "isa.h"

/// Where the heads of a tensor lie, in elements: those of a batch `head` apart, batches `batch`, and a head's rows `row`.
typedef struct hone_heads {
    size_t batch, head, row;
} hone_heads;

/// The places of q, k, v and out when they are not one head after the other, such as parts of one packed projection. With
/// heads_per_batch = 0 they are.
typedef struct hone_attention_places {
    size_t heads_per_batch;
    hone_heads q, k, v, out;
} hone_attention_places;

/// out = dropout(softmax(scale * q k^T + mask)) v, for each of `heads` (batch times heads): q is [heads, queries,
/// width], k [heads, keys, width], v [heads, keys, value_width], out [heads, queries, value_width].
typedef struct hone_attention {
    size_t heads, queries, keys, width, value_width;
    float scale;  ///< 1 / sqrt(width), as a rule.
    bool causal;  ///< Query i sees the keys 0 ... i (torch's is_causal, from the upper left corner).
    /// NULL, or what is added to the scores, -infinity where a key must not be seen. Head h, query i, key j read
    /// mask[h / heads_per_mask * mask_stride + i * mask_row_stride + j]; the strides may be 0.
    const float *mask;
    size_t heads_per_mask, mask_stride, mask_row_stride;
    /// Dropout of the probabilities as hone_dropout draws it, at element (h * queries + i) * keys + j of (key, stream).
    float dropout;
    uint64_t key, stream;
    hone_attention_places places;  ///< Gradients lie as what they are of.
} hone_attention;

/// `log_sum_exp` [heads, queries] receives the logarithm of each row's sum of exponentials, for the backward pass; it
/// may be NULL. A query that sees no key gives 0, with gradient 0, as in torch's function of this name (a softmax alone
/// would give NaN). Tiles and running maximum after Dao, Fu, Ermon, Rudra and Re 2022 (FlashAttention).
void hone_attention_forward(hone_isa isa, const hone_attention *a, const float *q, const float *k, const float *v,
                            float *out, float *log_sum_exp);

/// The gradients of q, k, v from the forward's `out` and `log_sum_exp`, with the probabilities worked out anew. Each of
/// dq, dk, dv may be NULL. Added to what is there when the accumulate flag of each says so.
void hone_attention_backward(hone_isa isa, const hone_attention *a, const float *q, const float *k, const float *v,
                             const float *out, const float *log_sum_exp, const float *dout, float *dq, float *dk,
                             float *dv, bool accumulate_q, bool accumulate_k, bool accumulate_v);

/// y = x with pairs of elements turned by angles (Su et al. 2021, RoFormer, equation 34): x and y are [heads, time,
/// width], `cosines` and `sines` [time, pairs]. Pair i is the elements 2i and 2i + 1 when `interleaved`, else i and
/// i + pairs; elements beyond the pairs stay. `inverse` turns back: that is the gradient.
typedef struct hone_rotary {
    size_t heads, time, width, pairs;
    bool interleaved, inverse;
} hone_rotary;

/// Added to what is in y when `accumulate`. y must not be x.
void hone_rotate(hone_isa isa, const hone_rotary *r, const float *x, const float *cosines, const float *sines, float *y,
                 bool accumulate);

#endif
