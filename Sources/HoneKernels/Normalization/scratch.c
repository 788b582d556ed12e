// One buffer for each thread and holder, which only ever grows.
#include "scratch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { alignment = 64, step = 4096 };

typedef struct buffer {
    void *memory;
    size_t bytes;
} buffer;

static _Thread_local buffer own[HONE_SCRATCH_HOLDERS];
static pthread_key_t keys[HONE_SCRATCH_HOLDERS];
static bool has_key[HONE_SCRATCH_HOLDERS];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_keys(void) {
    for (int i = 0; i < HONE_SCRATCH_HOLDERS; i++) {
        has_key[i] = pthread_key_create(&keys[i], free) == 0;
    }
}

void *hone_scratch(hone_scratch_holder holder, size_t bytes) {
    buffer *b = &own[holder];
    if (bytes <= b->bytes && b->memory) {
        return b->memory;
    }
    bytes = (bytes / step + 1) * step;
    void *memory;
    if (posix_memalign(&memory, alignment, bytes)) {
        fprintf(stderr, "hone: no memory for %zu bytes of intermediate results\n", bytes);
        abort();
    }
    pthread_once(&once, make_keys);
    free(b->memory);
    if (has_key[holder]) {
        pthread_setspecific(keys[holder], memory);
    }
    *b = (buffer){memory, bytes};
    return memory;
}
