// Counter-based random numbers: Philox4x32-10 (Salmon et al. 2011). Element i is a pure function of (key, counter, i).
#ifndef HONE_RANDOM_H
#define HONE_RANDOM_H

#include "isa.h"

/// One block: four 32-bit words from a 128-bit counter and a 64-bit key.
void hone_philox(uint64_t key, uint64_t counter_high, uint64_t counter_low, uint32_t out[4]);

/// out[i] = word (i mod 4) of the block with counter (stream, i / 4). `first` shifts i: word `first + i` lands in out[i].
void hone_random_bits(hone_isa isa, uint64_t key, uint64_t stream, uint64_t first, uint32_t *out, size_t n);

/// Uniform in [low, high): the top 24 bits of word i, times 2^-24.
void hone_random_uniform(hone_isa isa, uint64_t key, uint64_t stream, uint64_t first, float low, float high, float *out, size_t n);

/// Normal by Box-Muller on the words (2j, 2j + 1), which make the elements 2j (cosine) and 2j + 1 (sine). All variants
/// of the kernel give the same bits.
void hone_random_normal(hone_isa isa, uint64_t key, uint64_t stream, uint64_t first, float mean, float deviation, float *out, size_t n);

/// Dropout: y[i] = uniform_i >= probability ? x[i] / (1 - probability) : 0. The backward pass is the same call on dy.
void hone_dropout(hone_isa isa, uint64_t key, uint64_t stream, float probability, const float *x, float *y, size_t n, bool accumulate);

#endif
