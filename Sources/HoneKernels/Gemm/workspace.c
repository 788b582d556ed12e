// Each thread keeps one buffer for packed panels, so that a multiplication in a training loop allocates nothing.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // madvise
#endif
#include "gemm_internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { huge_page = 2 << 20, small_page = 4 << 10 };

typedef struct workspace {
    float *memory;
    size_t floats;
} workspace;

static _Thread_local workspace own;
static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_key;

static void make_key(void) { has_key = pthread_key_create(&key, free) == 0; }

float *hone_gemm_workspace(size_t floats) {
    if (floats <= own.floats) return own.memory;
    size_t bytes = floats * sizeof(float);
    size_t alignment = bytes < huge_page / 2 ? small_page : huge_page;
    bytes = (bytes + alignment - 1) & ~(alignment - 1);
    void *memory;
    if (posix_memalign(&memory, alignment, bytes)) return NULL;
#if defined(MADV_HUGEPAGE)
    if (alignment == huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    pthread_once(&once, make_key);
    free(own.memory);
    // A thread that ends frees its buffer.
    if (has_key) pthread_setspecific(key, memory);
    own = (workspace){memory, bytes / sizeof(float)};
    return own.memory;
}
