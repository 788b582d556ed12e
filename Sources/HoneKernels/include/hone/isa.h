// Which instruction sets this machine has, and which one the kernels use.
#ifndef HONE_ISA_H
#define HONE_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// An instruction set that kernels are compiled for.
typedef enum hone_isa : int {
    HONE_ISA_AUTO = 0,  ///< The best of the machine, or the one `HONE_CPU` names.
    HONE_ISA_PORTABLE = 1,
    HONE_ISA_AVX2 = 2,  ///< AVX2 with FMA.
    HONE_ISA_AVX512 = 3,  ///< AVX-512 F, DQ, BW, VL.
    HONE_ISA_NEON = 4,
} hone_isa;

/// Whether kernels of this set were compiled in and this machine can run them.
bool hone_isa_available(hone_isa isa);

/// The set that HONE_ISA_AUTO stands for: the best available, or what the environment's HONE_CPU forces.
hone_isa hone_isa_active(void);

/// "portable", "avx2", "avx512" or "neon".
const char *hone_isa_name(hone_isa isa);

/// NULL, or why the environment's HONE_CPU could not be followed (unknown name, or not available here).
const char *hone_isa_complaint(void);

/// The set that a kernel called with `isa` runs: `isa` itself where it is available, else the active one.
hone_isa hone_isa_usable(hone_isa isa);

/// Reads the name of a set, in upper or lower case; "auto" is HONE_ISA_AUTO. False, and `out` untouched, for any other.
bool hone_isa_parse(const char *name, hone_isa *out);

/// What HONE_CPU=`asked` leads to on this machine (NULL and "" ask for nothing). When it cannot be followed, the reason
/// is written to `complaint`, which holds `size` bytes and is the empty string otherwise. Reads no environment.
hone_isa hone_isa_resolve(const char *asked, char *complaint, size_t size);

#endif
