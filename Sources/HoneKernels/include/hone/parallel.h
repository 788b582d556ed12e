// One pool of worker threads for all kernels.
#ifndef HONE_PARALLEL_H
#define HONE_PARALLEL_H

#include <stddef.h>

/// Works on the items `begin..<end` of a range.
typedef void (*hone_task)(void *context, size_t begin, size_t end);

/// Runs `task` over `0..<count`, cut into pieces of about `grain` items or more, on the pool and the calling thread.
/// Returns when all is done. Runs on the caller alone when `count <= grain`, with one thread, or from within a task.
/// Which thread runs which piece, and where a piece is cut, must not reach the result: tasks write disjoint memory.
void hone_parallel_for(size_t count, size_t grain, hone_task task, void *context);

/// The number of threads kernels use (the caller included): HONE_THREADS at start, else all cores.
int hone_threads(void);

/// Sets the number of threads; at least 1.
void hone_set_threads(int count);

#endif
