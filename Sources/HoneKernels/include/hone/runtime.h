// What the framework needs from the C side: a thread's slot, a clock, the interrupt flag.
#ifndef HONE_RUNTIME_H
#define HONE_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

/// One pointer a thread, for the current context of HoneTensor.
void *hone_thread_slot(void);
void hone_set_thread_slot(void *pointer);

/// Nanoseconds of a monotonic clock.
uint64_t hone_clock_ns(void);

/// A monotonic count that is read in a few nanoseconds, of the processor's own unit of time; two readings of it and of
/// the clock tell how long that is.
static inline uint64_t hone_ticks(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return hone_clock_ns();
#endif
}

/// Counts the holders of the SIGINT handler: the first installs it, the last puts the former one back. While it is
/// installed, a first SIGINT sets the flag and a second one kills the process.
void hone_interrupt_begin(void);
void hone_interrupt_end(void);
bool hone_interrupted(void);

#endif
