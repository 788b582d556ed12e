// Pools of aligned blocks.
//
// A training step asks for the same sizes over and over, so a block that comes back is kept in a list for its size
// class and handed out again: no system call, no page fault, and memory that is warm in the cache. There are four
// classes to a power of two, so a block wastes a fifth of its size at most (less than 64 bytes below 256).
//
// In front of each block lies a header of one cache line, which says where the block belongs. Blocks of 2 MiB and more
// come from the system directly, aligned for huge pages, as fewer address translations speed up large matrices.
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE  // madvise
#elif defined(__APPLE__) && !defined(_DARWIN_C_SOURCE)
#define _DARWIN_C_SOURCE  // MAP_ANON
#endif
#include "hone/memory.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
    line = 64,  // alignment, size of a header, and step of the smallest classes
    small_classes = 4,  // 64, 128, 192, 256 bytes
    small_bits = 8,  // log2 of the largest of them
    class_count = small_classes + 4 * (63 - small_bits),
    huge_page = 2 << 20,
    page = 64 << 10,  // a multiple of the page size of every system in question
    spins_before_yield = 100,
};

typedef struct header {
    _Alignas(line) hone_pool *pool;
    struct header *next;  // in a list of kept blocks
    size_t size;  // of the block, without this header
    void *mapping;  // what the system gave
    unsigned size_class;
} header;

_Static_assert(sizeof(header) == line, "a block starts one cache line after its header");

struct hone_pool {
    _Atomic bool locked;
    bool owned;  // the owner has not let go; a live block holds the pool too
    size_t cap;
    hone_pool_statistics statistics;
    header *kept[class_count];
};

// The lock is held for a few instructions and never across a system call, so spinning is right; yielding is for the
// case that the holder was put off its core.
static void lock(hone_pool *pool) {
    for (int spins = 0; atomic_exchange_explicit(&pool->locked, true, memory_order_acquire); spins++) {
        if (spins > spins_before_yield) sched_yield();
    }
}

static void unlock(hone_pool *pool) { atomic_store_explicit(&pool->locked, false, memory_order_release); }

static unsigned class_of(size_t bytes) {
    if (bytes <= 1u << small_bits) return bytes ? (unsigned)((bytes - 1) / line) : 0;
    size_t last = bytes - 1;
    unsigned exponent = 63 - (unsigned)__builtin_clzll(last);
    return small_classes + (exponent - small_bits) * 4 + (unsigned)(last >> (exponent - 2) & 3);
}

static size_t size_of(unsigned size_class) {
    if (size_class < small_classes) return (size_t)(size_class + 1) * line;
    unsigned step = size_class - small_classes;
    return (size_t)(5 + step % 4) << (step / 4 + small_bits - 2);
}

static size_t whole_pages(size_t bytes) { return (bytes + page - 1) & ~(size_t)(page - 1); }

/// Memory for a header and `size` bytes behind it, from the system.
static header *obtain(size_t size) {
    size_t total = size + sizeof(header);
    if (total < huge_page) {
        void *memory;
        if (posix_memalign(&memory, line, total)) return NULL;
        ((header *)memory)->mapping = memory;
        return memory;
    }
    // More by one huge page than needed, so that there is an aligned place; what is too much goes back.
    size_t length = whole_pages(total);
    char *mapping = mmap(NULL, length + huge_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (mapping == MAP_FAILED) return NULL;
    size_t before = -(uintptr_t)mapping & (huge_page - 1);
    if (before) munmap(mapping, before);
    if (before < huge_page) munmap(mapping + before + length, huge_page - before);
    mapping += before;
#if defined(MADV_HUGEPAGE)
    // Only where a huge page is used whole: the rest would make a program look larger than it is.
    madvise(mapping, length & ~(size_t)(huge_page - 1), MADV_HUGEPAGE);
#endif
    header *block = (header *)(void *)mapping;
    block->mapping = mapping;
    return block;
}

static void give_back(header *block) {
    size_t total = block->size + sizeof(header);
    if (total < huge_page) {
        free(block->mapping);
    } else {
        munmap(block->mapping, whole_pages(total));
    }
}

static void give_all_back(header *list) {
    while (list) {
        header *next = list->next;
        give_back(list);
        list = next;
    }
}

/// Empties the lists of kept blocks into one; the lock is held.
static header *take_kept(hone_pool *pool) {
    header *all = NULL;
    if (!pool->statistics.kept_bytes) return NULL;
    for (unsigned i = 0; i < class_count; i++) {
        header *block = pool->kept[i];
        pool->kept[i] = NULL;
        while (block) {
            header *next = block->next;
            block->next = all;
            all = block;
            block = next;
        }
    }
    pool->statistics.kept_bytes = 0;
    return all;
}

hone_pool *hone_pool_create(size_t cap) {
    hone_pool *pool = calloc(1, sizeof *pool);
    if (!pool) return NULL;
    pool->cap = cap;
    pool->owned = true;
    return pool;
}

void hone_pool_release(hone_pool *pool) {
    if (!pool) return;
    lock(pool);
    pool->owned = false;
    header *kept = take_kept(pool);
    bool last = pool->statistics.live_blocks == 0;
    unlock(pool);
    give_all_back(kept);
    if (last) free(pool);
}

void hone_pool_trim(hone_pool *pool) {
    lock(pool);
    header *kept = take_kept(pool);
    unlock(pool);
    give_all_back(kept);
}

void hone_pool_set_cap(hone_pool *pool, size_t cap) {
    lock(pool);
    pool->cap = cap;
    header *kept = pool->statistics.kept_bytes > cap ? take_kept(pool) : NULL;
    unlock(pool);
    give_all_back(kept);
}

size_t hone_pool_cap(hone_pool *pool) {
    lock(pool);
    size_t cap = pool->cap;
    unlock(pool);
    return cap;
}

/// Counts a block of `size` as live; the lock is held.
static void count_live(hone_pool *pool, size_t size) {
    hone_pool_statistics *statistics = &pool->statistics;
    statistics->allocations++;
    statistics->live_blocks++;
    statistics->live_bytes += size;
    if (statistics->live_bytes > statistics->peak_bytes) statistics->peak_bytes = statistics->live_bytes;
}

static header *allocate_new(hone_pool *pool, unsigned size_class, size_t size) {
    header *block = obtain(size);
    if (!block) {
        // What is kept for other sizes may be what the system lacks.
        hone_pool_trim(pool);
        block = obtain(size);
        if (!block) return NULL;
    }
    block->pool = pool;
    block->size = size;
    block->size_class = size_class;
    lock(pool);
    pool->statistics.system_allocations++;
    count_live(pool, size);
    unlock(pool);
    return block;
}

void *hone_pool_allocate(hone_pool *pool, size_t bytes) {
    // Beyond this no rounding below can overflow, and no system has so much.
    if (bytes > SIZE_MAX / 4) return NULL;
    unsigned size_class = class_of(bytes);
    lock(pool);
    header *block = pool->kept[size_class];
    if (block) {
        pool->kept[size_class] = block->next;
        pool->statistics.kept_bytes -= block->size;
        count_live(pool, block->size);
    }
    unlock(pool);
    if (!block) block = allocate_new(pool, size_class, size_of(size_class));
    return block ? block + 1 : NULL;
}

void hone_pool_free(void *memory) {
    if (!memory) return;
    header *block = (header *)memory - 1;
    hone_pool *pool = block->pool;
    size_t size = block->size;
    lock(pool);
    hone_pool_statistics *statistics = &pool->statistics;
    statistics->live_blocks--;
    statistics->live_bytes -= size;
    bool keep = pool->owned && size <= pool->cap && statistics->kept_bytes <= pool->cap - size;
    if (keep) {
        block->next = pool->kept[block->size_class];
        pool->kept[block->size_class] = block;
        statistics->kept_bytes += size;
    }
    bool last = !pool->owned && statistics->live_blocks == 0;
    unlock(pool);
    if (!keep) give_back(block);
    if (last) free(pool);
}

hone_pool_statistics hone_pool_read(hone_pool *pool) {
    lock(pool);
    hone_pool_statistics statistics = pool->statistics;
    unlock(pool);
    return statistics;
}

void hone_pool_reset_peak(hone_pool *pool) {
    lock(pool);
    pool->statistics.peak_bytes = pool->statistics.live_bytes;
    unlock(pool);
}
