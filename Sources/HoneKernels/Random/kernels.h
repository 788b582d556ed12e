// The table of random-number kernels that each instruction set fills.
#ifndef HONE_RANDOM_KERNELS_H
#define HONE_RANDOM_KERNELS_H

#include "../VectorMath/select.h"
#include "hone/random.h"

/// Where a run of random words comes from: word `first` of the stream is the first one.
typedef struct hone_words {
    uint64_t key, stream, first;
} hone_words;

typedef struct hone_random_kernels {
    void (*bits)(hone_words words, uint32_t *out, size_t n);
    /// low + u * range, kept to at most `most`.
    void (*uniform)(hone_words words, float low, float range, float most, float *out, size_t n);
    void (*normal)(hone_words words, float mean, float deviation, float *out, size_t n);
    /// Elements whose word's top 24 bits are at least `threshold` are kept and multiplied by `factor`.
    void (*dropout)(hone_words words, uint32_t threshold, float factor, const float *x, float *y, size_t n,
                    bool accumulate);
} hone_random_kernels;

HONE_DECLARE_TABLES(hone_random_kernels, hone_random)

#endif
