// Picks a family's table of kernels for an instruction set.
#ifndef HONE_SELECT_H
#define HONE_SELECT_H

#include "hone/isa.h"

#if defined(__x86_64__) && !defined(HONE_ONLY_PORTABLE)
#define HONE_HAS_X86_KERNELS 1
#define HONE_HAS_NEON_KERNELS 0
#define HONE_DECLARE_TABLES(type, family) extern const type family##_portable, family##_avx2, family##_avx512;
#define HONE_TABLES(family) \
    {&family##_portable, &family##_portable, &family##_avx2, &family##_avx512, &family##_portable}
#elif defined(__aarch64__) && !defined(HONE_ONLY_PORTABLE)
#define HONE_HAS_X86_KERNELS 0
#define HONE_HAS_NEON_KERNELS 1
#define HONE_DECLARE_TABLES(type, family) extern const type family##_portable, family##_neon;
#define HONE_TABLES(family) \
    {&family##_portable, &family##_portable, &family##_portable, &family##_portable, &family##_neon}
#else
#define HONE_HAS_X86_KERNELS 0
#define HONE_HAS_NEON_KERNELS 0
#define HONE_DECLARE_TABLES(type, family) extern const type family##_portable;
#define HONE_TABLES(family) \
    {&family##_portable, &family##_portable, &family##_portable, &family##_portable, &family##_portable}
#endif

/// The row of a HONE_TABLES array for `isa`.
static inline int hone_table_row(hone_isa isa) { return (int)hone_isa_usable(isa); }

#endif
