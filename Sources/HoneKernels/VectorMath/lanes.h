// Vectors of HONE_LANES floats, and the few operations that every kernel is written in.
//
// Included once a translation unit, after a "begin_….h" has set HONE_LANES, HONE_FUSED and the target. Contraction is
// off: a multiply-add is fused where the text says `v_fma` and the set has it, and nowhere else, so that the text alone
// decides what is rounded.
#ifndef HONE_LANES_H
#define HONE_LANES_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#pragma clang fp contract(off)
// How a vector wider than a register is passed does not matter: every function that takes one is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

#define HONE_INLINE static inline __attribute__((always_inline, unused))

typedef float vf __attribute__((ext_vector_type(HONE_LANES)));
typedef int32_t vi __attribute__((ext_vector_type(HONE_LANES)));
typedef uint32_t vu __attribute__((ext_vector_type(HONE_LANES)));
/// As many doubles (or 64-bit words) as a `vf` has floats: two or more registers, which the compiler splits.
typedef double vd __attribute__((ext_vector_type(HONE_LANES)));
typedef int64_t vl __attribute__((ext_vector_type(HONE_LANES)));

typedef vf vf_memory __attribute__((aligned(4), may_alias));
typedef vi vi_memory __attribute__((aligned(4), may_alias));

HONE_INLINE vf v_load(const float *p) { return *(const vf_memory *)p; }
HONE_INLINE void v_store(float *p, vf v) { *(vf_memory *)p = v; }
HONE_INLINE vi vi_load(const void *p) { return *(const vi_memory *)p; }
HONE_INLINE void vi_store(void *p, vi v) { *(vi_memory *)p = v; }
HONE_INLINE vf v_splat(float x) { return (vf)(x); }
HONE_INLINE vi vi_splat(int32_t x) { return (vi)(x); }
HONE_INLINE vi v_bits(vf x) { return (vi)x; }
HONE_INLINE vf v_float(vi x) { return (vf)x; }
HONE_INLINE vd v_widen(vf x) { return __builtin_convertvector(x, vd); }
HONE_INLINE vf v_narrow(vd x) { return __builtin_convertvector(x, vf); }

#if HONE_LANES == 16
#define V_LANE_INDEX ((vi){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
#elif HONE_LANES == 8
#define V_LANE_INDEX ((vi){0, 1, 2, 3, 4, 5, 6, 7})
#else
#define V_LANE_INDEX ((vi){0, 1, 2, 3})
#endif

/// All bits set in the first `count` lanes.
HONE_INLINE vi v_first(size_t count) { return V_LANE_INDEX < (int32_t)count; }

// The first `count` lanes (1 to HONE_LANES) of memory; loads put zero in the others, stores leave memory alone.
#if HONE_LANES == 16
HONE_INLINE __mmask16 v_mask(size_t count) { return (__mmask16)((1u << count) - 1); }
HONE_INLINE vf v_load_part(const float *p, size_t count) { return (vf)_mm512_maskz_loadu_ps(v_mask(count), p); }
HONE_INLINE void v_store_part(float *p, vf v, size_t count) {
    _mm512_mask_storeu_ps(p, v_mask(count), (__m512)v);
}
HONE_INLINE vi vi_load_part(const void *p, size_t count) { return (vi)_mm512_maskz_loadu_epi32(v_mask(count), p); }
HONE_INLINE void vi_store_part(void *p, vi v, size_t count) {
    _mm512_mask_storeu_epi32(p, v_mask(count), (__m512i)v);
}
#elif HONE_LANES == 8
HONE_INLINE vf v_load_part(const float *p, size_t count) {
    return (vf)_mm256_maskload_ps(p, (__m256i)v_first(count));
}
HONE_INLINE vi vi_load_part(const void *p, size_t count) {
    return (vi)_mm256_maskload_epi32((const int *)p, (__m256i)v_first(count));
}
/// In halves: masked stores of this set take dozens of steps on some processors.
HONE_INLINE void vi_store_part(void *p, vi v, size_t count) {
    char *bytes = p;
    if (count >= HONE_LANES) {
        vi_store(p, v);
        return;
    }
    __m128i four = _mm256_castsi256_si128((__m256i)v);
    if (count & 4) {
        _mm_storeu_si128((__m128i *)(void *)bytes, four);
        four = _mm256_extracti128_si256((__m256i)v, 1);
        bytes += 16;
    }
    if (count & 2) {
        _mm_storel_epi64((__m128i *)(void *)bytes, four);
        four = _mm_unpackhi_epi64(four, four);
        bytes += 8;
    }
    if (count & 1) {
        int word = _mm_cvtsi128_si32(four);
        memcpy(bytes, &word, sizeof word);
    }
}
HONE_INLINE void v_store_part(float *p, vf v, size_t count) { vi_store_part(p, v_bits(v), count); }
#else
HONE_INLINE vi vi_load_part(const void *p, size_t count) {
    vi v = vi_splat(0);
    const char *bytes = p;
    int32_t word;
    for (size_t i = 0; i < HONE_LANES; i++) {
        if (i < count) {
            memcpy(&word, bytes + 4 * i, 4);
            v[i] = word;
        }
    }
    return v;
}
HONE_INLINE void vi_store_part(void *p, vi v, size_t count) {
    char *bytes = p;
    for (size_t i = 0; i < HONE_LANES; i++) {
        if (i < count) {
            int32_t word = v[i];
            memcpy(bytes + 4 * i, &word, 4);
        }
    }
}
HONE_INLINE vf v_load_part(const float *p, size_t count) { return v_float(vi_load_part(p, count)); }
HONE_INLINE void v_store_part(float *p, vf v, size_t count) { vi_store_part(p, v_bits(v), count); }
#endif

/// a * b + c, fused where the set has it.
HONE_INLINE vf v_fma(vf a, vf b, vf c) {
#if HONE_FUSED
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

HONE_INLINE vd vd_fma(vd a, vd b, vd c) {
#if HONE_FUSED
    return __builtin_elementwise_fma(a, b, c);
#else
    return a * b + c;
#endif
}

HONE_INLINE vf v_sqrt(vf x) { return __builtin_elementwise_sqrt(x); }
HONE_INLINE vf v_abs(vf x) { return v_float(v_bits(x) & 0x7fffffff); }
HONE_INLINE vi v_sign_bit(vf x) { return v_bits(x) & (int32_t)0x80000000u; }
/// `magnitude` (not negative) with the sign of `sign`.
HONE_INLINE vf v_with_sign(vf magnitude, vf sign) { return v_float(v_bits(magnitude) | v_sign_bit(sign)); }
/// The larger (smaller); `b` when either is NaN, as the machine's own instruction has it.
HONE_INLINE vf v_larger(vf a, vf b) { return a > b ? a : b; }
HONE_INLINE vf v_smaller(vf a, vf b) { return a < b ? a : b; }
/// The larger (smaller); NaN when either is NaN.
HONE_INLINE vf v_maximum(vf a, vf b) { return a != a ? a : v_larger(a, b); }
HONE_INLINE vf v_minimum(vf a, vf b) { return a != a ? a : v_smaller(a, b); }
/// x within low ... high; NaN stays NaN.
HONE_INLINE vf v_within(vf x, vf low, vf high) { return v_smaller(high, v_larger(low, x)); }

HONE_INLINE bool v_any(vi mask) { return __builtin_reduce_or(mask) != 0; }

/// To the nearest integer, half to even, by way of a sum whose last place is 1; the sign of zero is kept.
HONE_INLINE vf v_round(vf x) {
    vf magnitude = v_abs(x);
    vf rounded = (magnitude + 0x1p23f) - 0x1p23f;
    return magnitude < 0x1p23f ? v_with_sign(rounded, x) : x;
}

HONE_INLINE vf v_floor(vf x) {
    vf rounded = v_round(x);
    vf lower = rounded - 1.0f;
    return rounded > x ? lower : rounded;
}

/// 2^n for n in -126 ... 127.
HONE_INLINE vf v_power_of_two(vi n) { return v_float((n + 127) << 23); }

// Sums and extremes across the lanes, in one fixed order: halves upon halves.
typedef float f8_lanes __attribute__((ext_vector_type(8)));
typedef float f4_lanes __attribute__((ext_vector_type(4)));
typedef float f2_lanes __attribute__((ext_vector_type(2)));
typedef double d8_lanes __attribute__((ext_vector_type(8)));
typedef double d4_lanes __attribute__((ext_vector_type(4)));
typedef double d2_lanes __attribute__((ext_vector_type(2)));

#if HONE_LANES == 16
#define HONE_FOLD_TO_FOUR(type8, type4, x, op) \
    type8 eight = op((x).lo, (x).hi);          \
    type4 four = op(eight.lo, eight.hi);
#elif HONE_LANES == 8
#define HONE_FOLD_TO_FOUR(type8, type4, x, op) type4 four = op((x).lo, (x).hi);
#else
#define HONE_FOLD_TO_FOUR(type8, type4, x, op) type4 four = (x);
#endif
#define HONE_FOLD(name, scalar, vector, kind, op)              \
    HONE_INLINE scalar name(vector x) {                        \
        HONE_FOLD_TO_FOUR(kind##8_lanes, kind##4_lanes, x, op) \
        kind##2_lanes two = op(four.lo, four.hi);              \
        return op(two.x, two.y);                               \
    }
#define HONE_PLUS(a, b) ((a) + (b))
#define HONE_TIMES(a, b) ((a) * (b))
#define HONE_LARGER(a, b) ((a) > (b) ? (a) : (b))
#define HONE_SMALLER(a, b) ((a) < (b) ? (a) : (b))
HONE_FOLD(v_sum, float, vf, f, HONE_PLUS)
HONE_FOLD(vd_sum, double, vd, d, HONE_PLUS)
HONE_FOLD(vd_product, double, vd, d, HONE_TIMES)
/// The largest (smallest) lane of a vector without NaN.
HONE_FOLD(v_largest, float, vf, f, HONE_LARGER)
HONE_FOLD(v_smallest, float, vf, f, HONE_SMALLER)

// The same with the result in every lane: each lane meets the one 8, 4, 2, 1 places away.
#if HONE_LANES == 16
#define V_AWAY_8(x) __builtin_shufflevector(x, x, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7)
#define V_AWAY_4(x) __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11)
#define V_AWAY_2(x) __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)
#define V_AWAY_1(x) __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)
#elif HONE_LANES == 8
#define V_AWAY_4(x) __builtin_shufflevector(x, x, 4, 5, 6, 7, 0, 1, 2, 3)
#define V_AWAY_2(x) __builtin_shufflevector(x, x, 2, 3, 0, 1, 6, 7, 4, 5)
#define V_AWAY_1(x) __builtin_shufflevector(x, x, 1, 0, 3, 2, 5, 4, 7, 6)
#else
#define V_AWAY_2(x) __builtin_shufflevector(x, x, 2, 3, 0, 1)
#define V_AWAY_1(x) __builtin_shufflevector(x, x, 1, 0, 3, 2)
#endif

HONE_INLINE vf v_largest_everywhere(vf x) {
#if HONE_LANES == 16
    x = v_larger(x, V_AWAY_8(x));
#endif
#if HONE_LANES >= 8
    x = v_larger(x, V_AWAY_4(x));
#endif
    x = v_larger(x, V_AWAY_2(x));
    return v_larger(x, V_AWAY_1(x));
}

HONE_INLINE vf v_sum_everywhere(vf x) {
#if HONE_LANES == 16
    x = x + V_AWAY_8(x);
#endif
#if HONE_LANES >= 8
    x = x + V_AWAY_4(x);
#endif
    x = x + V_AWAY_2(x);
    return x + V_AWAY_1(x);
}

#endif
