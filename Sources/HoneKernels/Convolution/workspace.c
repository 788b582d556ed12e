// Each thread keeps one buffer of each kind, so that a convolution in a training loop allocates nothing.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // madvise
#endif
#include "convolution_internal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { huge_page = 2 << 20 };

typedef struct workspace {
    float *memory;
    size_t floats;
} workspace;

static _Thread_local workspace own[2];
static pthread_key_t keys[2];
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool has_keys;

static void make_keys(void) {
    has_keys = pthread_key_create(&keys[0], free) == 0 && pthread_key_create(&keys[1], free) == 0;
}

float *hone_conv_workspace(conv_memory kind, size_t floats) {
    workspace *space = &own[kind];
    if (floats <= space->floats) return space->memory;
    // Tables of a few megabytes are read with large strides: huge pages spare most of the misses of the address cache.
    size_t bytes = conv_round_up(floats * sizeof(float), huge_page);
    free(space->memory);
    *space = (workspace){0};
    void *memory = NULL;
    if (posix_memalign(&memory, huge_page, bytes)) {
        fprintf(stderr, "hone: no memory for a convolution's workspace of %zu bytes\n", bytes);
        abort();
    }
#if defined(MADV_HUGEPAGE)
    madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    pthread_once(&once, make_keys);
    // A thread that ends frees its buffers.
    if (has_keys) pthread_setspecific(keys[kind], memory);
    *space = (workspace){memory, bytes / sizeof(float)};
    return memory;
}
