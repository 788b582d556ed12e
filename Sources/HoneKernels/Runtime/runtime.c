#include "hone/runtime.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

static _Thread_local void *slot;

void *hone_thread_slot(void) { return slot; }

void hone_set_thread_slot(void *pointer) { slot = pointer; }

uint64_t hone_clock_ns(void) {
#if defined(__APPLE__)
    return clock_gettime_nsec_np(CLOCK_UPTIME_RAW);
#else
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

// A handler may touch lock-free atomics only, and call what POSIX lists as safe in one.
static _Atomic bool interrupted;
static struct sigaction former;
static pthread_mutex_t holders_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned holders;

static void on_interrupt(int number) {
    if (!atomic_exchange(&interrupted, true)) return;
    // The second one: the user does not want to wait. The signal is blocked while its handler runs, so it takes effect,
    // with the default action, as soon as this function returns.
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    sigemptyset(&standard.sa_mask);
    sigaction(number, &standard, NULL);
    raise(number);
}

void hone_interrupt_begin(void) {
    pthread_mutex_lock(&holders_lock);
    if (holders++ == 0) {
        atomic_store(&interrupted, false);
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = on_interrupt;
        action.sa_flags = SA_RESTART;  // a read in another thread must not fail because of it
        sigemptyset(&action.sa_mask);
        sigaction(SIGINT, &action, &former);
    }
    pthread_mutex_unlock(&holders_lock);
}

void hone_interrupt_end(void) {
    pthread_mutex_lock(&holders_lock);
    if (holders && --holders == 0) sigaction(SIGINT, &former, NULL);
    pthread_mutex_unlock(&holders_lock);
}

bool hone_interrupted(void) { return atomic_load_explicit(&interrupted, memory_order_relaxed); }
