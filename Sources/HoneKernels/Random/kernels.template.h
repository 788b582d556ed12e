// All random-number kernels of one instruction set, and their table.
#include "normal.template.h"

/// Runs `body` for every step of words that reaches into 0 ..< n. In it `random` holds the step's words, `at` is where
/// they land (which may be before 0 in the first step), and `full` says whether all of them do.
#define HONE_STEPS(words, n, body)                                                  \
    do {                                                                            \
        uint64_t block = (words).first / 4;                                         \
        ptrdiff_t at = -(ptrdiff_t)((words).first % 4);                             \
        const ptrdiff_t limit = (ptrdiff_t)(n);                                     \
        for (; at < limit; at += HONE_STEP_WORDS, block += HONE_STEP_BLOCKS) {      \
            const step_words random = v_philox((words).key, (words).stream, block); \
            const bool full = at >= 0 && limit - at >= HONE_STEP_WORDS;             \
            body                                                                    \
        }                                                                           \
    } while (0)

/// Stores the part of a step that lands in 0 ..< limit.
HONE_INLINE void store_some_of_step(int32_t *out, const vi *step, ptrdiff_t at, ptrdiff_t limit) {
    for (int v = 0; v < HONE_STEP_VECTORS; v++, at += HONE_LANES) {
        if (at >= 0 && at < limit) {
            size_t left = (size_t)(limit - at);
            vi_store_part(out + at, step[v], left < HONE_LANES ? left : HONE_LANES);
        } else if (at < 0) {
            // Only the first three words of a stream's first block are ever skipped.
            int32_t words[HONE_LANES];
            vi_store(words, step[v]);
            for (ptrdiff_t i = -at; i < HONE_LANES && at + i < limit; i++) {
                out[at + i] = words[i];
            }
        }
    }
}

HONE_INLINE void store_step(void *out, const vi *step, ptrdiff_t at, ptrdiff_t limit, bool full) {
    int32_t *p = (int32_t *)out;
    if (full) {
        for (int v = 0; v < HONE_STEP_VECTORS; v++) {
            vi_store(p + at + v * HONE_LANES, step[v]);
        }
    } else {
        store_some_of_step(p, step, at, limit);
    }
}

static void bits(hone_words words, uint32_t *out, size_t n) {
    HONE_STEPS(words, n, {
        vi step[HONE_STEP_VECTORS];
        for (int v = 0; v < HONE_STEP_VECTORS; v++) {
            step[v] = (vi)random.vector[v];
        }
        store_step(out, step, at, limit, full);
    });
}

static void uniform(hone_words words, float low, float range, float most, float *out, size_t n) {
    HONE_STEPS(words, n, {
        vi step[HONE_STEP_VECTORS];
        for (int v = 0; v < HONE_STEP_VECTORS; v++) {
            vf u = __builtin_convertvector((vi)(random.vector[v] >> 8), vf) * 0x1p-24f;
            step[v] = v_bits(v_smaller(u * range + low, v_splat(most)));
        }
        store_step(out, step, at, limit, full);
    });
}

static void normal(hone_words words, float mean, float deviation, float *out, size_t n) {
    HONE_STEPS(words, n, {
        vf normals[HONE_STEP_VECTORS];
        v_normals(random.vector, mean, deviation, normals);
        v_normals(random.vector + 2, mean, deviation, normals + 2);
        vi step[HONE_STEP_VECTORS];
        for (int v = 0; v < HONE_STEP_VECTORS; v++) {
            step[v] = v_bits(normals[v]);
        }
        store_step(out, step, at, limit, full);
    });
}

static void dropout(hone_words words, uint32_t threshold, float factor, const float *x, float *y, size_t n,
                    bool accumulate) {
    // The first word is the first of its block, so `at` is never negative.
    HONE_STEPS(words, n, {
        for (int v = 0; v < HONE_STEP_VECTORS && at + v * HONE_LANES < limit; v++) {
            vi keep = (vi)(random.vector[v] >> 8) >= (int32_t)threshold;
            const ptrdiff_t from = at + v * HONE_LANES;
            if (full) {
                vf kept = keep ? v_load(x + from) * factor : v_splat(0.0f);
                v_store(y + from, accumulate ? v_load(y + from) + kept : kept);
            } else {
                size_t left = (size_t)(limit - from);
                size_t count = left < HONE_LANES ? left : HONE_LANES;
                vf kept = keep ? v_load_part(x + from, count) * factor : v_splat(0.0f);
                v_store_part(y + from, accumulate ? v_load_part(y + from, count) + kept : kept, count);
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
