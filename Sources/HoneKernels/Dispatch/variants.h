// One template, compiled once for each instruction set.
//
// SwiftPM gives a package no compiler flags, so a kernel's variants cannot be files with flags of their own. Instead a
// family writes its loops once, in a template, and includes it for every set with that set's target attribute pushed:
//
//     #include "../Dispatch/variants.h"                  // first, and every system header the template needs
//     #define HONE_TEMPLATE "../Family/loops.template.h"
//     #include "../Dispatch/each_variant.h"
//
//     void hone_scale(hone_isa isa, float *x, size_t n) { HONE_DISPATCH(isa, hone_scale, x, n); }
//
// where the template defines `static void HONE_NAME(hone_scale)(float *x, size_t n) { … }` with the macros that
// each_variant.h sets (its comment lists them). Types and functions of a template all go through HONE_NAME, so that
// each variant has its own and a helper is inlined into code of its own set only.
#ifndef HONE_VARIANTS_H
#define HONE_VARIANTS_H

#include "hone/isa.h"

#if defined(__x86_64__) && !defined(HONE_ONLY_PORTABLE)
#define HONE_HAS_X86 1
#include <immintrin.h>
#else
#define HONE_HAS_X86 0
#endif

#if defined(__aarch64__) && !defined(HONE_ONLY_PORTABLE)
#define HONE_HAS_NEON 1
#include <arm_neon.h>
#else
#define HONE_HAS_NEON 0
#endif

/// Every function up to the matching HONE_TARGET_END may use the set's instructions (clang warns if there is none).
#define HONE_TARGET_AVX2 _Pragma("clang attribute push(__attribute__((target(\"avx2,fma\"))), apply_to = function)")
#define HONE_TARGET_AVX512 _Pragma( \
    "clang attribute push(__attribute__((target(\"avx512f,avx512dq,avx512bw,avx512vl,fma\"))), apply_to = function)")
#define HONE_TARGET_END _Pragma("clang attribute pop")

// Vectors of the widths in use. Aligned as a float, so that a pointer to one may point anywhere into an array of
// floats, and allowed to alias it.
#define HONE_VECTOR(element, lanes) __attribute__((vector_size(sizeof(element) * (lanes)), aligned(4), may_alias))
typedef float hone_f4 HONE_VECTOR(float, 4);
typedef float hone_f8 HONE_VECTOR(float, 8);
typedef float hone_f16 HONE_VECTOR(float, 16);
typedef int32_t hone_i4 HONE_VECTOR(int32_t, 4);
typedef int32_t hone_i8 HONE_VECTOR(int32_t, 8);
typedef int32_t hone_i16 HONE_VECTOR(int32_t, 16);
typedef uint32_t hone_u4 HONE_VECTOR(uint32_t, 4);
typedef uint32_t hone_u8 HONE_VECTOR(uint32_t, 8);
typedef uint32_t hone_u16 HONE_VECTOR(uint32_t, 16);

#define HONE_PASTE2(a, b) a##_##b
#define HONE_PASTE(a, b) HONE_PASTE2(a, b)

/// `name` of the present variant: name_avx2, say.
#define HONE_NAME(name) HONE_PASTE(name, HONE_VARIANT)

#define HONE_INLINE static inline __attribute__((always_inline))

// HONE_DISPATCH(isa, name, …): calls name_avx512(…), name_avx2(…), … by the set that `isa` leads to. For functions that
// return nothing; HONE_SELECT(isa, name) is the function's address, for all others.
#if HONE_HAS_X86
#define HONE_SELECT(isa, name) HONE_SELECT_RESOLVED(hone_isa_usable(isa), name)
#define HONE_SELECT_RESOLVED(resolved, name)                                                                           \
    ((resolved) == HONE_ISA_AVX512 ? name##_avx512                                                                     \
     : (resolved) == HONE_ISA_AVX2 ? name##_avx2                                                                       \
                                   : name##_portable)
#define HONE_DISPATCH(isa, name, ...)                                                                                  \
    do {                                                                                                               \
        switch (hone_isa_usable(isa)) {                                                                                \
        case HONE_ISA_AVX512: name##_avx512(__VA_ARGS__); break;                                                       \
        case HONE_ISA_AVX2: name##_avx2(__VA_ARGS__); break;                                                           \
        default: name##_portable(__VA_ARGS__); break;                                                                  \
        }                                                                                                              \
    } while (0)
#elif HONE_HAS_NEON
#define HONE_SELECT(isa, name) (hone_isa_usable(isa) == HONE_ISA_NEON ? name##_neon : name##_portable)
#define HONE_DISPATCH(isa, name, ...)                                                                                  \
    do {                                                                                                               \
        switch (hone_isa_usable(isa)) {                                                                                \
        case HONE_ISA_NEON: name##_neon(__VA_ARGS__); break;                                                           \
        default: name##_portable(__VA_ARGS__); break;                                                                  \
        }                                                                                                              \
    } while (0)
#else
#define HONE_SELECT(isa, name) ((void)(isa), name##_portable)
#define HONE_DISPATCH(isa, name, ...) ((void)(isa), name##_portable(__VA_ARGS__))
#endif

#endif
