// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), HONE_LANES / 2 blocks at a time.
//
// A 64-bit lane holds one 32-bit word of one block's state. Its upper half may be anything: the products take in the
// lower half only, which is what the machine's own multiplication of even words does.
#include "../VectorMath/lanes.h"

/// Blocks that one step makes, and the words in them.
#define HONE_STEP_BLOCKS (HONE_LANES / 2)
#define HONE_STEP_WORDS (2 * HONE_LANES)

typedef uint64_t vw __attribute__((ext_vector_type(HONE_STEP_BLOCKS)));

#if HONE_LANES == 16
#define V_BLOCK_INDEX ((vw){0, 1, 2, 3, 4, 5, 6, 7})
#define V_INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define V_INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#elif HONE_LANES == 8
#define V_BLOCK_INDEX ((vw){0, 1, 2, 3})
#define V_INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define V_INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#else
#define V_BLOCK_INDEX ((vw){0, 1})
#define V_INTERLEAVE_LOW(a, b) __builtin_shufflevector(a, b, 0, 2)
#define V_INTERLEAVE_HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
#endif

/// The words of HONE_STEP_BLOCKS blocks, in order.
typedef struct word_pair {
    vu low, high;
} word_pair;

HONE_INLINE vw w_product(vw a, uint64_t b) { return (a & 0xffffffffu) * ((vw)(b)); }

HONE_INLINE word_pair v_philox(uint64_t key, uint64_t stream, uint64_t block) {
    vw counter = V_BLOCK_INDEX + block;
    vw c0 = counter, c1 = counter >> 32;
    vw c2 = (vw)(stream), c3 = (vw)(stream >> 32);
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    _Pragma("clang loop unroll(full)")
    for (int round = 0; round < 10; round++) {
        vw p0 = w_product(c0, 0xD2511F53u), p1 = w_product(c2, 0xCD9E8D57u);
        c0 = (p1 >> 32) ^ c1 ^ (uint64_t)k0;
        c2 = (p0 >> 32) ^ c3 ^ (uint64_t)k1;
        c1 = p1;
        c3 = p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    vw first = (c0 & 0xffffffffu) | (c1 << 32), second = (c2 & 0xffffffffu) | (c3 << 32);
    word_pair words;
    words.low = (vu)V_INTERLEAVE_LOW(first, second);
    words.high = (vu)V_INTERLEAVE_HIGH(first, second);
    return words;
}
