// Pools of aligned memory that is kept for reuse.
#ifndef HONE_MEMORY_H
#define HONE_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Blocks of one owner, kept by size class when they are given back. Safe to use from several threads.
typedef struct hone_pool hone_pool;

/// What a pool holds, in bytes and blocks; `system_allocations` counts requests that the kept blocks could not serve.
typedef struct hone_pool_statistics {
    size_t live_bytes, peak_bytes, kept_bytes, live_blocks;
    uint64_t allocations, system_allocations;
} hone_pool_statistics;

/// A pool that keeps at most `cap` bytes of unused blocks.
hone_pool *hone_pool_create(size_t cap);

/// Gives up the owner's hold. The pool goes away when its last block has come back.
void hone_pool_release(hone_pool *pool);

/// A block of at least `bytes`, aligned to 64 bytes, its content undefined; NULL when memory is out.
void *hone_pool_allocate(hone_pool *pool, size_t bytes);

/// Gives a block of `hone_pool_allocate` back to its pool.
void hone_pool_free(void *block);

/// Returns every unused block to the system.
void hone_pool_trim(hone_pool *pool);

/// Changes the cap; when more is kept than that, every unused block goes back to the system.
void hone_pool_set_cap(hone_pool *pool, size_t cap);

size_t hone_pool_cap(hone_pool *pool);

hone_pool_statistics hone_pool_read(hone_pool *pool);

/// Makes the present live bytes the new peak.
void hone_pool_reset_peak(hone_pool *pool);

#endif
