// Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), HONE_LANES blocks at a time.
//
// A 64-bit lane holds one 32-bit word of one block's state. Its upper half may be anything: the products take in the
// lower half only, which is what the machine's own multiplication of even words does.
#include "../VectorMath/lanes.h"

/// Blocks in a vector; a step makes two vectors of them, so that one's products overlap with the other's.
#define HONE_VECTOR_BLOCKS (HONE_LANES / 2)
#define HONE_STEP_BLOCKS HONE_LANES
#define HONE_STEP_VECTORS 4
#define HONE_STEP_WORDS (HONE_STEP_VECTORS * HONE_LANES)

typedef uint64_t vw __attribute__((ext_vector_type(HONE_VECTOR_BLOCKS)));

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

// Hides from the compiler what it could find out about a vector. It would otherwise pull the first rounds and all
// twenty round keys out of the loop: registers spill, short calls pay for the set-up, and products whose upper halves
// it has proved to be 0 turn into slow full-width ones.
#if defined(__x86_64__) && HONE_LANES == 16
#define V_HIDE(v) __asm__("" : "+v"(v))
#elif defined(__x86_64__)
#define V_HIDE(v) __asm__("" : "+x"(v))
#elif defined(__aarch64__)
#define V_HIDE(v) __asm__("" : "+w"(v))
#else
#define V_HIDE(v) ((void)0)
#endif

/// The words of a step, in order.
typedef struct step_words {
    vu vector[HONE_STEP_VECTORS];
} step_words;

HONE_INLINE vw w_product(vw a, uint64_t b) { return (a & 0xffffffffu) * ((vw)(b)); }

HONE_INLINE step_words v_philox(uint64_t key, uint64_t stream, uint64_t block) {
    vw k0 = (vw)(key), k1 = (vw)(key >> 32);  // The upper half of k0 does not matter either.
    vw c2[2] = {(vw)(stream), (vw)(stream)}, c3[2] = {(vw)(stream >> 32), (vw)(stream >> 32)};
    vw c0[2] = {V_BLOCK_INDEX + block, V_BLOCK_INDEX + (block + HONE_VECTOR_BLOCKS)};
    vw c1[2] = {c0[0] >> 32, c0[1] >> 32};
    V_HIDE(k0);
    V_HIDE(k1);
    V_HIDE(c2[0]);
    V_HIDE(c2[1]);
    V_HIDE(c3[0]);
    V_HIDE(c3[1]);
    _Pragma("clang loop unroll(full)")
    for (int round = 0; round < 10; round++) {
        for (int i = 0; i < 2; i++) {
            vw p0 = w_product(c0[i], 0xD2511F53u), p1 = w_product(c2[i], 0xCD9E8D57u);
            c0[i] = (p1 >> 32) ^ c1[i] ^ k0;
            c2[i] = (p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = p1;
            c3[i] = p0;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    step_words words;
    for (int i = 0; i < 2; i++) {
        vw first = (c0[i] & 0xffffffffu) | (c1[i] << 32), second = (c2[i] & 0xffffffffu) | (c3[i] << 32);
        words.vector[2 * i] = (vu)V_INTERLEAVE_LOW(first, second);
        words.vector[2 * i + 1] = (vu)V_INTERLEAVE_HIGH(first, second);
    }
    return words;
}
