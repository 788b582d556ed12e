// The innermost loops: one tile of c, held in registers over a whole block of k. Included once per instruction set.
//
// Per step of k, a tile of r rows and v vectors loads v vectors of b and r single elements of a, which it spreads over
// a vector each, for r * v multiply-adds. The sums fill most of the registers, as that is what makes the loads few
// against the arithmetic; the registers that stay free are for b and a.
#if HONE_IS_AVX512
#define HONE_ROWS 14  // 14 x 2 sums, 2 of b, 1 of a: 31 of 32 registers
#define HONE_VECTORS 2
#define HONE_WIDE_ROWS 6  // 6 x 4 sums, 4 of b, 1 of a: 29 of 32
#define HONE_SECOND_LEVEL (1024 << 10)
#elif HONE_IS_NEON
#define HONE_ROWS 6  // 6 x 4 sums, 4 of b, 1 of a: 29 of 32
#define HONE_VECTORS 4
#define HONE_WIDE_ROWS 6
#define HONE_SECOND_LEVEL (1024 << 10)
#else
#define HONE_ROWS 6  // 6 x 2 sums, 2 of b, 1 of a: 15 of 16 registers
#define HONE_VECTORS 2
#define HONE_WIDE_ROWS 2  // 2 x 4 sums, 4 of b, 1 of a: 13 of 16
#define HONE_SECOND_LEVEL (512 << 10)
#endif

#define HONE_UNROLL _Pragma("clang loop unroll(full)")

// The last vector of a row may be partly in use. With mask registers the rest of it is not touched; without them the
// driver sees to it that it may be.
#if HONE_IS_AVX512
#define HONE_MASKS true
#define HONE_LAST_MASK(columns) ((__mmask16)(0xFFFFu >> (HONE_LANES - (columns))))
#define HONE_LOAD_LAST(from, mask) ((HONE_F)_mm512_maskz_loadu_ps(mask, from))
#define HONE_STORE_LAST(to, mask, value) _mm512_mask_storeu_ps(to, mask, (__m512)(value))
#else
#define HONE_MASKS false
#define HONE_LAST_MASK(columns) 0
#define HONE_LOAD_LAST(from, mask) ((void)(mask), *(const HONE_F *)(from))
#define HONE_STORE_LAST(to, mask, value) ((void)(mask), *(HONE_F *)(to) = (value))
#endif

/// All parameters but the last are constants where this is called, so that every loop over the tile is unrolled and
/// `sum` lives in registers.
HONE_INLINE void HONE_NAME(tile)(const int rows, const int vectors, const hone_order order, const hone_tile *tile) {
    HONE_F sum[HONE_ROWS][max_tile_vectors];
    HONE_F part[max_tile_vectors];
    const int last = vectors - 1;
    unsigned short mask = HONE_LAST_MASK(tile->columns - (size_t)last * HONE_LANES);
    const float *a = tile->a, *b = tile->b;
    size_t a_stride = tile->a_stride, b_stride = tile->b_stride, ldc = tile->ldc;

    HONE_UNROLL for (int r = 0; r < rows; r++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = (HONE_F){0};
        // The tile is written at the end; its lines shall be in the second level of cache by then. Not in the first,
        // where rows whose length is a power of two push each other out.
        HONE_UNROLL for (int v = 0; v < vectors; v += 16 / HONE_LANES) {
            __builtin_prefetch(tile->c + (size_t)r * ldc + v * HONE_LANES, 0, 2);
        }
    }
    uintptr_t fetch = tile->fetch, fetch_stride = tile->fetch_stride, fetch_jump = tile->fetch_jump;
    for (size_t left = tile->k; left;) {
        size_t steps = left < fetch_lines ? left : fetch_lines;
        left -= steps;
        do {
            HONE_UNROLL for (int v = 0; v < last; v++) part[v] = *(const HONE_F *)(b + v * HONE_LANES);
            part[last] = HONE_LOAD_LAST(b + last * HONE_LANES, mask);
            __builtin_prefetch((const void *)fetch, 0, 2);
            fetch += fetch_stride;
            HONE_UNROLL for (int r = 0; r < rows; r++) {
                // Taking away a zero vector spreads the scalar and leaves its bits alone, -0 included.
                HONE_F element = (order == HONE_BY_ROWS ? a[(size_t)r * a_stride] : a[r]) - (HONE_F){0};
                HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = HONE_FMA(element, part[v], sum[r][v]);
            }
            a += order == HONE_BY_ROWS ? 1 : a_stride;
            b += b_stride;
        } while (--steps);
        fetch += fetch_jump;
    }

    float *c = tile->c;
    if (tile->beta != 0) {
        HONE_F beta = tile->beta - (HONE_F){0};
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            const float *row = c + (size_t)r * ldc;
            HONE_UNROLL for (int v = 0; v < last; v++) {
                sum[r][v] = HONE_FMA(beta, *(const HONE_F *)(row + v * HONE_LANES), sum[r][v]);
            }
            sum[r][last] = HONE_FMA(beta, HONE_LOAD_LAST(row + last * HONE_LANES, mask), sum[r][last]);
        }
    }
    if (tile->bias) {
        HONE_UNROLL for (int v = 0; v < last; v++) part[v] = *(const HONE_F *)(tile->bias + v * HONE_LANES);
        part[last] = HONE_LOAD_LAST(tile->bias + last * HONE_LANES, mask);
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] += part[v];
        }
    }
    if (tile->relu) {
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            // What is below zero becomes zero, and a NaN stays one, which a maximum would not promise.
            HONE_UNROLL for (int v = 0; v < vectors; v++) {
                sum[r][v] = (HONE_F)((HONE_I)sum[r][v] & ~(HONE_I)(sum[r][v] < (HONE_F){0}));
            }
        }
    }
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        float *row = c + (size_t)r * ldc;
        HONE_UNROLL for (int v = 0; v < last; v++) *(HONE_F *)(row + v * HONE_LANES) = sum[r][v];
        HONE_STORE_LAST(row + last * HONE_LANES, mask, sum[r][last]);
    }
}

// A function for each shape. Rows are not only those of the full tile, so that the rows of a matrix can be shared out
// evenly among tiles, none of which is then much below the best height.
#define HONE_KERNEL(rows, vectors)                                                                                     \
    static void HONE_NAME(rows_##rows##x##vectors)(const hone_tile *tile) {                                            \
        HONE_NAME(tile)(rows, vectors, HONE_BY_ROWS, tile);                                                            \
    }                                                                                                                  \
    static void HONE_NAME(steps_##rows##x##vectors)(const hone_tile *tile) {                                           \
        HONE_NAME(tile)(rows, vectors, HONE_BY_STEPS, tile);                                                           \
    }

#define HONE_TO_2(of, vectors) of(1, vectors) of(2, vectors)
#define HONE_TO_6(of, vectors) HONE_TO_2(of, vectors) of(3, vectors) of(4, vectors) of(5, vectors) of(6, vectors)
#define HONE_TO_14(of, vectors)                                                                                        \
    HONE_TO_6(of, vectors)                                                                                             \
    of(7, vectors) of(8, vectors) of(9, vectors) of(10, vectors) of(11, vectors) of(12, vectors) of(13, vectors)       \
        of(14, vectors)
#define HONE_BY_ROWS_ENTRY(rows, vectors) HONE_NAME(rows_##rows##x##vectors),
#define HONE_BY_STEPS_ENTRY(rows, vectors) HONE_NAME(steps_##rows##x##vectors),

#if HONE_IS_AVX512
#define HONE_TO_ROWS HONE_TO_14
#define HONE_TO_WIDE_ROWS HONE_TO_6
#elif HONE_IS_NEON
#define HONE_TO_ROWS HONE_TO_6
#define HONE_TO_WIDE_ROWS HONE_TO_6
#else
#define HONE_TO_ROWS HONE_TO_6
#define HONE_TO_WIDE_ROWS HONE_TO_2
#endif

HONE_TO_ROWS(HONE_KERNEL, 1)
HONE_TO_ROWS(HONE_KERNEL, 2)
HONE_TO_WIDE_ROWS(HONE_KERNEL, 4)

#define HONE_KERNEL_TABLE                                                                                              \
    {                                                                                                                  \
        {{HONE_TO_ROWS(HONE_BY_ROWS_ENTRY, 1)},                                                                        \
         {HONE_TO_ROWS(HONE_BY_ROWS_ENTRY, 2)},                                                                        \
         {HONE_TO_WIDE_ROWS(HONE_BY_ROWS_ENTRY, 4)}},                                                                  \
            {{HONE_TO_ROWS(HONE_BY_STEPS_ENTRY, 1)},                                                                   \
             {HONE_TO_ROWS(HONE_BY_STEPS_ENTRY, 2)},                                                                   \
             {HONE_TO_WIDE_ROWS(HONE_BY_STEPS_ENTRY, 4)}},                                                             \
    }
