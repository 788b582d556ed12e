#include "hone/isa.h"

#include "variants.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if HONE_HAS_X86
#include <cpuid.h>
#endif

static const hone_isa best_first[] = {HONE_ISA_AVX512, HONE_ISA_AVX2, HONE_ISA_NEON, HONE_ISA_PORTABLE};
enum { isa_count = sizeof best_first / sizeof *best_first };

#if HONE_HAS_X86
/// The register states that the operating system saves on a switch of threads: without its help, wide registers would
/// be lost even though the processor has them.
static uint64_t saved_states(void) {
    uint32_t low, high;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (uint64_t)high << 32 | low;
}

// A Darwin kernel turns the AVX-512 states on at a thread's first use, so XCR0 does not show them there and the few
// Macs that have the instructions run the AVX2 kernels. That is slower, never wrong.
static unsigned x86_sets(void) {
    enum { ymm_states = 0x6, zmm_states = 0xE6 };
    unsigned eax, ebx, ecx, edx;
    if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx)) return 0;
    const unsigned needed = bit_FMA | bit_OSXSAVE | bit_AVX;
    if ((ecx & needed) != needed) return 0;
    uint64_t states = saved_states();
    if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx)) return 0;
    unsigned sets = 0;
    if ((states & ymm_states) == ymm_states && (ebx & bit_AVX2)) sets |= 1u << HONE_ISA_AVX2;
    const unsigned wide = bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL;
    if (sets && (states & zmm_states) == zmm_states && (ebx & wide) == wide) sets |= 1u << HONE_ISA_AVX512;
    return sets;
}
#endif

/// One bit for each set that this machine can run.
static unsigned detect(void) {
    unsigned sets = 1u << HONE_ISA_PORTABLE;
#if HONE_HAS_X86
    sets |= x86_sets();
#endif
#if HONE_HAS_NEON
    sets |= 1u << HONE_ISA_NEON;
#endif
    return sets;
}

// Found once; afterwards a kernel's call reads one atomic integer. 0 means: not looked yet.
static _Atomic unsigned available_sets;
static _Atomic int active_set;
static char environment_complaint[256];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void look(void) {
    hone_isa chosen = hone_isa_resolve(getenv("HONE_CPU"), environment_complaint, sizeof environment_complaint);
    atomic_store_explicit(&active_set, chosen, memory_order_release);
}

static unsigned available(void) {
    unsigned sets = atomic_load_explicit(&available_sets, memory_order_relaxed);
    if (!sets) {
        sets = detect();  // costly under a hypervisor, which steps in at every cpuid
        atomic_store_explicit(&available_sets, sets, memory_order_relaxed);
    }
    return sets;
}

bool hone_isa_available(hone_isa isa) {
    return isa > HONE_ISA_AUTO && isa <= HONE_ISA_NEON && (available() >> isa & 1);
}

hone_isa hone_isa_active(void) {
    int set = atomic_load_explicit(&active_set, memory_order_acquire);
    if (set != HONE_ISA_AUTO) return (hone_isa)set;
    pthread_once(&once, look);
    return (hone_isa)atomic_load_explicit(&active_set, memory_order_acquire);
}

hone_isa hone_isa_usable(hone_isa isa) {
    return isa != HONE_ISA_AUTO && hone_isa_available(isa) ? isa : hone_isa_active();
}

const char *hone_isa_complaint(void) {
    hone_isa_active();
    return environment_complaint[0] ? environment_complaint : NULL;
}

const char *hone_isa_name(hone_isa isa) {
    switch (isa) {
    case HONE_ISA_AUTO: return "auto";
    case HONE_ISA_PORTABLE: return "portable";
    case HONE_ISA_AVX2: return "avx2";
    case HONE_ISA_AVX512: return "avx512";
    case HONE_ISA_NEON: return "neon";
    }
    return "unknown";
}

/// Equality but for the case of ASCII letters; strcasecmp would follow the locale.
static bool same_word(const char *a, const char *b) {
    for (;; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + ('a' - 'A')) : *a;
        if (x != *b) return false;
        if (!x) return true;
    }
}

bool hone_isa_parse(const char *name, hone_isa *out) {
    if (!name) return false;
    for (int isa = HONE_ISA_AUTO; isa <= HONE_ISA_NEON; isa++) {
        if (same_word(name, hone_isa_name((hone_isa)isa))) {
            *out = (hone_isa)isa;
            return true;
        }
    }
    return false;
}

hone_isa hone_isa_resolve(const char *asked, char *complaint, size_t size) {
    hone_isa best = HONE_ISA_PORTABLE, wanted = HONE_ISA_AUTO;
    for (int i = isa_count - 1; i >= 0; i--) {
        if (hone_isa_available(best_first[i])) best = best_first[i];
    }
    if (size) complaint[0] = 0;
    if (!asked || !*asked) return best;
    bool known = hone_isa_parse(asked, &wanted);
    if (known && wanted == HONE_ISA_AUTO) return best;
    if (known && hone_isa_available(wanted)) return wanted;

    char names[64] = "";
    for (int i = isa_count - 1; i >= 0; i--) {
        if (!hone_isa_available(best_first[i])) continue;
        if (names[0]) strncat(names, ", ", sizeof names - strlen(names) - 1);
        strncat(names, hone_isa_name(best_first[i]), sizeof names - strlen(names) - 1);
    }
    const char *reason = known ? "is not available on this machine" : "is not a known instruction set";
    // A name from the environment can be of any length; what matters is seen in its first characters.
    snprintf(complaint, size, "HONE_CPU=%.40s %s; using %s (available: %s)", asked, reason, hone_isa_name(best), names);
    return best;
}
