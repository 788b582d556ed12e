// The shape of element-wise loops: whole vectors, then one partial vector.
#ifndef HONE_LOOPS_H
#define HONE_LOOPS_H

#include "lanes.h"

/// Runs `body` for every vector of 0..<n; `index` is where it begins, `count` how many of its lanes are real.
#define HONE_LOOP(n, body)                                       \
    do {                                                         \
        size_t index = 0;                                        \
        _Pragma("clang loop unroll_count(4)")                    \
        for (; index + HONE_LANES <= (n); index += HONE_LANES) { \
            enum { part = 0 };                                   \
            const size_t count = HONE_LANES;                     \
            body                                                 \
        }                                                        \
        if (index < (n)) {                                       \
            enum { part = 1 };                                   \
            const size_t count = (n) - index;                    \
            body                                                 \
        }                                                        \
    } while (0)

/// The current vector of an array, within HONE_LOOP.
#define HONE_LOAD(p) (part ? v_load_part((p) + index, count) : v_load((p) + index))
#define HONE_LOAD_INT(p) (part ? vi_load_part((p) + index, count) : vi_load((p) + index))
#define HONE_STORE(p, v) (part ? v_store_part((p) + index, (v), count) : v_store((p) + index, (v)))
#define HONE_STORE_INT(p, v) (part ? vi_store_part((p) + index, (v), count) : vi_store((p) + index, (v)))

#endif
