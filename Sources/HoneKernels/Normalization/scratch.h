// Buffers for intermediate results, so that a layer in a training loop allocates nothing.
#ifndef HONE_SCRATCH_H
#define HONE_SCRATCH_H

#include <stddef.h>

/// Who holds the buffer. All of these may be in use on one thread at a time.
typedef enum hone_scratch_holder {
    HONE_SCRATCH_OF_CALL = 0,
    HONE_SCRATCH_OF_PARAMETERS,  // of a call, in another form
    HONE_SCRATCH_OF_TASK,
    HONE_SCRATCH_HOLDERS,
} hone_scratch_holder;

/// Memory of this thread, aligned to a cache line, its content undefined; valid until the holder's next request. It is
/// kept for that, and freed when the thread ends. Aborts when memory is out.
void *hone_scratch(hone_scratch_holder holder, size_t bytes);

#endif
