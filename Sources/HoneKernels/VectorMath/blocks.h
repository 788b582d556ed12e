// Cutting long arrays into blocks for the worker pool.
#ifndef HONE_BLOCKS_H
#define HONE_BLOCKS_H

#include "hone/parallel.h"

/// Elements a block: tasks are cut between blocks only.
#define HONE_BLOCK ((size_t)4096)

/// Below this many elements a pass that memory bounds stays on the calling thread; one of costly maths goes parallel
/// from a quarter of it.
#define HONE_PARALLEL_FROM ((size_t)65536)

/// The number of blocks in n elements.
static inline size_t hone_blocks(size_t n) { return (n + HONE_BLOCK - 1) / HONE_BLOCK; }

/// The smaller of the end of block `end - 1` and n.
static inline size_t hone_block_end(size_t end, size_t n) { return end * HONE_BLOCK < n ? end * HONE_BLOCK : n; }

/// Runs `task` over the blocks of n elements, at least `least` elements a piece.
static inline void hone_for_blocks(size_t n, size_t least, hone_task task, void *context) {
    hone_parallel_for(hone_blocks(n), least / HONE_BLOCK, task, context);
}

#endif
