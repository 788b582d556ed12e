// Sums over stretches of memory: floats in lanes for a short while, doubles from there on.
#ifndef HONE_ROWS_H
#define HONE_ROWS_H

#include "lanes.h"

/// Vectors that an accumulator of floats takes in before it is emptied into one of doubles.
#define HONE_FLOAT_RUN 16

/// A sum over x[0 ..< n] whose terms are `term(v)`, v a vector of x; lanes beyond the end are given as 0, for which
/// `term` must be 0.
#define HONE_LANE_SUM(total, source, n, term)                               \
    do {                                                                    \
        vd wide_total = (vd)(0.0);                                          \
        size_t at = 0;                                                      \
        while ((n) - at >= 4 * HONE_LANES) {                                \
            size_t runs = ((n) - at) / (4 * HONE_LANES);                    \
            runs = runs < HONE_FLOAT_RUN ? runs : HONE_FLOAT_RUN;           \
            vf s0 = v_splat(0.0f), s1 = s0, s2 = s0, s3 = s0;               \
            for (size_t run = 0; run < runs; run++, at += 4 * HONE_LANES) { \
                s0 += term(v_load((source) + at));                          \
                s1 += term(v_load((source) + at + HONE_LANES));             \
                s2 += term(v_load((source) + at + 2 * HONE_LANES));         \
                s3 += term(v_load((source) + at + 3 * HONE_LANES));         \
            }                                                               \
            wide_total += v_widen((s0 + s1) + (s2 + s3));                   \
        }                                                                   \
        if (at < (n)) {                                                     \
            vf rest = v_splat(0.0f);                                        \
            for (; (n) - at >= HONE_LANES; at += HONE_LANES) {              \
                rest += term(v_load((source) + at));                        \
            }                                                               \
            if (at < (n)) {                                                 \
                rest += term(v_load_part((source) + at, (n) - at));         \
            }                                                               \
            wide_total += v_widen(rest);                                    \
        }                                                                   \
        (total) = vd_sum(wide_total);                                       \
    } while (0)

#endif
