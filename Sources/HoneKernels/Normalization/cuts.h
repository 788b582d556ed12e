// Cutting normalisation into tasks.
#ifndef HONE_NORMALIZATION_CUTS_H
#define HONE_NORMALIZATION_CUTS_H

#include <stddef.h>

/// Elements that are worth a thread.
#define HONE_NORM_GRAIN ((size_t)32768)

/// From this many elements on, a plane of a channel is gone through by itself; smaller ones go side by side.
#define HONE_NORM_PLANE ((size_t)64)

/// How many units of `work` elements are worth a thread.
static inline size_t hone_norm_grain(size_t work) {
    size_t units = HONE_NORM_GRAIN / (work > 0 ? work : 1);
    return units > 0 ? units : 1;
}

static inline size_t hone_norm_least(size_t a, size_t b) { return a < b ? a : b; }

/// Where part `index` of `parts` about equal ones of `count` items begins.
static inline size_t hone_norm_begin(size_t count, size_t parts, size_t index) {
    size_t each = count / parts, more = count % parts;
    return index * each + hone_norm_least(index, more);
}

#endif
