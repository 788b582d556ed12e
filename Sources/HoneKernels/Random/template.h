// All random-number kernels of one instruction set, and their table.
#include "normal_template.h"

/// Runs `body` for every step of words that reaches into 0 ..< n. In it `random` holds the step's words, `at` is where
/// they land (which may be before 0 in the first step), and `full` says whether all of them do.
#define HONE_STEPS(words, n, body)                                                                        \
    do {                                                                                                  \
        uint64_t block = (words).first / 4;                                                               \
        ptrdiff_t at = -(ptrdiff_t)((words).first % 4);                                                   \
        const ptrdiff_t limit = (ptrdiff_t)(n);                                                           \
        for (; at < limit; at += HONE_STEP_WORDS, block += HONE_STEP_BLOCKS) {                            \
            const word_pair random = v_philox((words).key, (words).stream, block);                        \
            const bool full = at >= 0 && limit - at >= HONE_STEP_WORDS;                                   \
            body                                                                                          \
        }                                                                                                 \
    } while (0)

/// Stores the two vectors of a step, or the part of them that is wanted.
HONE_INLINE void store_step(void *out, vi low, vi high, ptrdiff_t at, ptrdiff_t limit, bool full) {
    int32_t *p = (int32_t *)out;
    if (full) {
        vi_store(p + at, low);
        vi_store(p + at + HONE_LANES, high);
        return;
    }
    int32_t step[HONE_STEP_WORDS];
    vi_store(step, low);
    vi_store(step + HONE_LANES, high);
    ptrdiff_t from = at < 0 ? -at : 0;
    ptrdiff_t to = limit - at < HONE_STEP_WORDS ? limit - at : HONE_STEP_WORDS;
    memcpy(p + at + from, step + from, (size_t)(to - from) * sizeof *step);
}

static void bits(hone_words words, uint32_t *out, size_t n) {
    HONE_STEPS(words, n, { store_step(out, (vi)random.low, (vi)random.high, at, limit, full); });
}

HONE_INLINE vf v_uniform(vu word, float low, float range, float most) {
    vf u = __builtin_convertvector((vi)(word >> 8), vf) * 0x1p-24f;
    return v_smaller(u * range + low, v_splat(most));
}

static void uniform(hone_words words, float low, float range, float most, float *out, size_t n) {
    HONE_STEPS(words, n, {
        vf a = v_uniform(random.low, low, range, most);
        vf b = v_uniform(random.high, low, range, most);
        store_step(out, v_bits(a), v_bits(b), at, limit, full);
    });
}

static void normal(hone_words words, float mean, float deviation, float *out, size_t n) {
    HONE_STEPS(words, n, {
        normal_pair pair = v_normals(random, mean, deviation);
        store_step(out, v_bits(pair.low), v_bits(pair.high), at, limit, full);
    });
}

static void dropout(hone_words words, uint32_t threshold, float factor, const float *x, float *y, size_t n,
                    bool accumulate) {
    // The first word is the first of its block: `at` is never negative.
    HONE_STEPS(words, n, {
        vi keep_low = (vi)(random.low >> 8) >= (int32_t)threshold;
        vi keep_high = (vi)(random.high >> 8) >= (int32_t)threshold;
        if (full) {
            vf a = keep_low ? v_load(x + at) * factor : v_splat(0.0f);
            vf b = keep_high ? v_load(x + at + HONE_LANES) * factor : v_splat(0.0f);
            v_store(y + at, accumulate ? v_load(y + at) + a : a);
            v_store(y + at + HONE_LANES, accumulate ? v_load(y + at + HONE_LANES) + b : b);
        } else {
            size_t left = (size_t)(limit - at);
            size_t count = left < HONE_LANES ? left : HONE_LANES;
            vf a = keep_low ? v_load_part(x + at, count) * factor : v_splat(0.0f);
            v_store_part(y + at, accumulate ? v_load_part(y + at, count) + a : a, count);
            if (left > HONE_LANES) {
                count = left - HONE_LANES;
                vf b = keep_high ? v_load_part(x + at + HONE_LANES, count) * factor : v_splat(0.0f);
                vf old = v_load_part(y + at + HONE_LANES, count);
                v_store_part(y + at + HONE_LANES, accumulate ? old + b : b, count);
            }
        }
    });
}

const hone_random_kernels HONE_VARIANT(hone_random) = {
    .bits = bits,
    .uniform = uniform,
    .normal = normal,
    .dropout = dropout,
};
