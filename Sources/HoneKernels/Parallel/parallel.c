// The pool of worker threads.
//
// A job is published in one global slot and a generation counter is advanced. Workers spin on that counter for a moment
// after their last job (a training step is a row of short kernels, and waking a sleeping thread costs more than many of
// them), then sleep on a condition variable of their own.
//
// Pieces are handed out by atomic counters, to the caller as well, so a worker that wakes late costs nothing: it finds
// the job closed. There is a counter for each thread's share of the range, and who is done with its own goes on with
// the others': a thread thus meets the same part of a tensor from one kernel to the next, which is still in its cache,
// and yet none waits while there is work.
//
// One word holds whether the job is open, how many workers it has work for, and how many are in it; the caller closes
// it when no piece is left and waits for those inside.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // sched_getaffinity
#endif
#include "hone/parallel.h"

#include "hone/runtime.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    max_threads = 256,
    pieces_per_thread = 4,  // so that one slow thread does not hold up the end
    spins_per_look = 64,  // pauses between two looks at the clock
    cache_line = 128,  // two lines: neighbours are fetched in pairs
    worker_stack = 2 << 20,  // some C libraries give as little as 128 KiB
};
static const uint64_t spin_ns = 40000;

/// What a worker needs to sleep and be woken; each on cache lines of its own.
typedef struct worker {
    _Alignas(cache_line) pthread_mutex_t lock;
    pthread_cond_t woken;
    _Atomic bool asleep;
    int index;
} worker;

/// One thread's part of a job: the first item not handed out yet, and the end.
typedef struct share {
    _Alignas(cache_line) _Atomic size_t next;
    size_t end;
} share;

static struct {
    // Written by the thread that owns the pool, while the job is closed and empty.
    _Alignas(cache_line) hone_task task;
    void *context;
    size_t piece;
    int shares;

    _Alignas(cache_line) _Atomic uint64_t generation;  // what workers watch
    _Alignas(cache_line) _Atomic uint32_t entry;  // open_bit, workers invited, workers inside
    _Alignas(cache_line) _Atomic bool owned;
    _Atomic int wanted;  // threads in use; 0: HONE_THREADS not read yet
    int started;  // workers that exist; guarded by `owned`

    // For a caller that has waited long for the workers inside.
    pthread_mutex_t end_lock;
    pthread_cond_t ended;
    _Atomic bool caller_asleep;
} pool = {.end_lock = PTHREAD_MUTEX_INITIALIZER, .ended = PTHREAD_COND_INITIALIZER};

static share shares[max_threads];
static worker workers[max_threads - 1];
enum { invited_shift = 16, inside_mask = 0xFFFF };
static const uint32_t open_bit = 1u << 31, invited_mask = 0x7FFF;

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");  // `yield` is a no-op on most cores; isb waits about as long as x86's pause
#endif
}

static int machine_threads(void) {
#if defined(__linux__)
    // A container or taskset may leave fewer cores than the machine has.
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        int count = CPU_COUNT(&set);
        if (count > 0) return count < max_threads ? count : max_threads;
    }
#endif
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    if (count < 1) return 1;
    return count < max_threads ? (int)count : max_threads;
}

static int cores(void) {
    static _Atomic int known;
    int count = atomic_load_explicit(&known, memory_order_relaxed);
    if (!count) {
        count = machine_threads();
        atomic_store_explicit(&known, count, memory_order_relaxed);
    }
    return count;
}

static int threads_from_environment(void) {
    const char *text = getenv("HONE_THREADS");
    if (!text || !*text) return cores();
    char *end;
    errno = 0;
    long count = strtol(text, &end, 10);
    if (errno || *end || count < 1 || count > INT_MAX) return cores();
    return count < max_threads ? (int)count : max_threads;
}

int hone_threads(void) {
    int count = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
    if (count) return count;
    int expected = 0, found = threads_from_environment();
    return atomic_compare_exchange_strong(&pool.wanted, &expected, found) ? found : expected;
}

void hone_set_threads(int count) {
    if (count < 1) count = 1;
    atomic_store(&pool.wanted, count < max_threads ? count : max_threads);
}

/// Takes pieces until none is left, those of the own share first.
static void work(int own) {
    hone_task task = pool.task;
    void *context = pool.context;
    size_t piece = pool.piece;
    int count = pool.shares;
    for (int i = 0; i < count; i++) {
        share *from = &shares[(own + i) % count];
        for (;;) {
            // Looked at first, so that a counter that has run out is not written to, over and over.
            if (atomic_load_explicit(&from->next, memory_order_relaxed) >= from->end) break;
            size_t begin = atomic_fetch_add_explicit(&from->next, piece, memory_order_relaxed);
            if (begin >= from->end) break;
            task(context, begin, from->end - begin < piece ? from->end : begin + piece);
        }
    }
}

/// Whether there is a job that worker `index` is wanted for. If so it counts as inside.
static bool enter(uint32_t index) {
    uint32_t entry = atomic_load_explicit(&pool.entry, memory_order_relaxed);
    while ((entry & open_bit) && index < (entry >> invited_shift & invited_mask)) {
        if (atomic_compare_exchange_weak_explicit(&pool.entry, &entry, entry + 1, memory_order_acquire,
                                                  memory_order_relaxed)) {
            return true;
        }
    }
    return false;
}

static void leave(void) {
    uint32_t before = atomic_fetch_sub(&pool.entry, 1);
    if (before == 1 && atomic_load(&pool.caller_asleep)) {
        pthread_mutex_lock(&pool.end_lock);
        pthread_cond_signal(&pool.ended);
        pthread_mutex_unlock(&pool.end_lock);
    }
}

/// With more threads than cores, a spinning one would hold the core that another needs.
static bool may_spin(void) { return hone_threads() <= cores(); }

/// Spins until the generation differs from `value` or the clock has passed `deadline`. Returns what was last read.
static uint64_t spin_while_generation(uint64_t value, uint64_t deadline) {
    do {
        for (int i = 0; i < spins_per_look; i++) {
            uint64_t seen = atomic_load_explicit(&pool.generation, memory_order_acquire);
            if (seen != value) return seen;
            relax();
        }
    } while (hone_clock_ns() < deadline);
    return value;
}

static uint64_t sleep_while_generation(worker *self, uint64_t value) {
    pthread_mutex_lock(&self->lock);
    // The waker advances the generation, then reads `asleep`; here it is the other way round. In a sequentially
    // consistent order one of the two sees the other, so no wake-up is lost.
    atomic_store(&self->asleep, true);
    uint64_t seen;
    while ((seen = atomic_load(&pool.generation)) == value) pthread_cond_wait(&self->woken, &self->lock);
    atomic_store(&self->asleep, false);
    pthread_mutex_unlock(&self->lock);
    return seen;
}

static void *worker_main(void *argument) {
    worker *self = argument;
    uint64_t seen = 0, deadline = 0;
    for (;;) {
        uint64_t last = seen;
        if (deadline) seen = spin_while_generation(last, deadline);
        if (seen == last) seen = sleep_while_generation(self, last);
        if (!enter((uint32_t)self->index)) continue;  // and spin no longer for a job that was not for this worker
        work(self->index + 1);
        leave();
        deadline = may_spin() ? hone_clock_ns() + spin_ns : 0;
    }
    return NULL;
}

/// Starts workers until there are `count`, or no more can be had: fewer only make a job slower.
static void start_workers(int count) {
    while (pool.started < count) {
        worker *self = &workers[pool.started];
        self->index = pool.started;
        pthread_mutex_init(&self->lock, NULL);
        pthread_cond_init(&self->woken, NULL);
        pthread_attr_t attributes;
        if (pthread_attr_init(&attributes)) return;
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        pthread_attr_setstacksize(&attributes, worker_stack);
        // Signals belong to the program's own threads.
        sigset_t all, former;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &former);
        pthread_t thread;
        int error = pthread_create(&thread, &attributes, worker_main, self);
        pthread_sigmask(SIG_SETMASK, &former, NULL);
        pthread_attr_destroy(&attributes);
        if (error) return;
        pool.started++;
    }
}

static void wake(worker *sleeper) {
    if (!atomic_load(&sleeper->asleep)) return;
    pthread_mutex_lock(&sleeper->lock);
    pthread_cond_signal(&sleeper->woken);
    pthread_mutex_unlock(&sleeper->lock);
}

/// Waits until no worker is inside the closed job: first awake, as it rarely takes long.
static void wait_for_workers(void) {
    if (!(atomic_fetch_and(&pool.entry, inside_mask) & inside_mask)) return;
    uint64_t deadline = may_spin() ? hone_clock_ns() + spin_ns : 0;
    do {
        for (int i = 0; i < spins_per_look; i++) {
            if (!atomic_load_explicit(&pool.entry, memory_order_acquire)) return;
            relax();
        }
    } while (deadline && hone_clock_ns() < deadline);
    pthread_mutex_lock(&pool.end_lock);
    atomic_store(&pool.caller_asleep, true);
    while (atomic_load(&pool.entry)) pthread_cond_wait(&pool.ended, &pool.end_lock);
    atomic_store(&pool.caller_asleep, false);
    pthread_mutex_unlock(&pool.end_lock);
}

/// Takes the pool, unless a job is under way: one of another thread, or the very one that the caller is a task of.
static bool own_pool(void) {
    // Looked at first, as a write would take the line of memory from all that work.
    if (atomic_load_explicit(&pool.owned, memory_order_relaxed)) return false;
    return !atomic_exchange_explicit(&pool.owned, true, memory_order_acquire);
}

void hone_parallel_for(size_t count, size_t grain, hone_task task, void *context) {
    if (!count) return;
    if (!grain) grain = 1;
    int threads = hone_threads();
    if (count <= grain || threads == 1 || !own_pool()) {
        task(context, 0, count);
        return;
    }
    size_t most = (size_t)threads * pieces_per_thread;
    size_t piece = count / most + (count % most != 0);
    if (piece < grain) piece = grain;
    size_t pieces = count / piece + (count % piece != 0);
    int busy = pieces < (size_t)threads ? (int)pieces : threads;  // the caller included
    start_workers(busy - 1);

    pool.task = task;
    pool.context = context;
    pool.piece = piece;
    pool.shares = busy;
    for (int i = 0; i < busy; i++) {
        size_t end = pieces * (size_t)(i + 1) / (size_t)busy * piece;
        atomic_store_explicit(&shares[i].next, pieces * (size_t)i / (size_t)busy * piece, memory_order_relaxed);
        shares[i].end = end < count ? end : count;
    }
    atomic_store_explicit(&pool.entry, open_bit | (uint32_t)(busy - 1) << invited_shift, memory_order_release);
    atomic_fetch_add(&pool.generation, 1);
    for (int i = 0; i < pool.started && i < busy - 1; i++) wake(&workers[i]);

    work(0);
    wait_for_workers();
    atomic_store_explicit(&pool.owned, false, memory_order_release);
}
