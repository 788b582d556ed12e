// The innermost loops: one tile of a product, held in registers over all of its steps. Included once per instruction
// set.
//
// Per step a tile of r rows and v vectors loads v vectors of b and r single elements of a, which it spreads over a
// vector, for r * v multiply-adds.
#if HONE_IS_AVX512
#define HONE_ROWS 8  // 8 x 3 sums, 3 of b, 1 of a: 28 of 32 registers
#elif HONE_IS_NEON
#define HONE_ROWS 4  // 4 x 3 sums, 3 of b, 1 of a; a tile is no higher than a vector is long
#else
#define HONE_ROWS 4  // 4 x 3 sums, 3 of b, 1 of a: 16 of 16 registers
#endif

#define HONE_UNROLL _Pragma("clang loop unroll(full)")

/// All parameters but the last are constants where this is called, so that every loop over the tile is unrolled and
/// `sum` lives in registers.
HONE_INLINE void HONE_NAME(tile)(const int rows, const int vectors, const conv_order order, const conv_tile *tile) {
    const size_t row = order == CONV_ACROSS ? HONE_LANES : 1, step = order == CONV_ACROSS ? 1 : HONE_LANES;
    HONE_F sum[HONE_ROWS][conv_max_vectors], part[conv_max_vectors];
    size_t b_vector = tile->b_vector;
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = (HONE_F){0};
    }
    const float *a_outer = tile->a, *b_outer = tile->b;
    for (size_t o = tile->outer; o; o--, a_outer += tile->a_outer, b_outer += tile->b_outer) {
        const float *a = a_outer, *b = b_outer;
#pragma clang loop unroll_count(2)
        for (size_t i = tile->inner; i; i--, a += step, b += HONE_LANES) {
            HONE_UNROLL for (int v = 0; v < vectors; v++) part[v] = *(const HONE_F *)(b + (size_t)v * b_vector);
            HONE_UNROLL for (int r = 0; r < rows; r++) {
                // Taking away a zero vector spreads the scalar and leaves its bits alone, -0 included.
                HONE_F element = a[(size_t)r * row] - (HONE_F){0};
                HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = HONE_FMA(element, part[v], sum[r][v]);
            }
        }
    }
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) {
            HONE_F *to = (HONE_F *)(tile->c + (size_t)r * tile->c_row + (size_t)v * tile->c_vector);
            *to = tile->accumulate ? *to + sum[r][v] : sum[r][v];
        }
    }
}

#define HONE_KERNEL(rows, vectors)                                                                                     \
    static void HONE_NAME(across_##rows##x##vectors)(const conv_tile *tile) {                                          \
        HONE_NAME(tile)(rows, vectors, CONV_ACROSS, tile);                                                             \
    }                                                                                                                  \
    static void HONE_NAME(along_##rows##x##vectors)(const conv_tile *tile) {                                           \
        HONE_NAME(tile)(rows, vectors, CONV_ALONG, tile);                                                              \
    }

#define HONE_TO_4(of, vectors) of(1, vectors) of(2, vectors) of(3, vectors) of(4, vectors)
#define HONE_TO_8(of, vectors) HONE_TO_4(of, vectors) of(5, vectors) of(6, vectors) of(7, vectors) of(8, vectors)
#if HONE_ROWS == 8
#define HONE_TO_ROWS HONE_TO_8
#else
#define HONE_TO_ROWS HONE_TO_4
#endif
#define HONE_ACROSS_ENTRY(rows, vectors) HONE_NAME(across_##rows##x##vectors),
#define HONE_ALONG_ENTRY(rows, vectors) HONE_NAME(along_##rows##x##vectors),

HONE_TO_ROWS(HONE_KERNEL, 1)
HONE_TO_ROWS(HONE_KERNEL, 2)
HONE_TO_ROWS(HONE_KERNEL, 3)

#define HONE_KERNEL_TABLE                                                                                              \
    {                                                                                                                  \
        {{HONE_TO_ROWS(HONE_ACROSS_ENTRY, 1)},                                                                         \
         {HONE_TO_ROWS(HONE_ACROSS_ENTRY, 2)},                                                                         \
         {HONE_TO_ROWS(HONE_ACROSS_ENTRY, 3)}},                                                                        \
            {{HONE_TO_ROWS(HONE_ALONG_ENTRY, 1)},                                                                      \
             {HONE_TO_ROWS(HONE_ALONG_ENTRY, 2)},                                                                      \
             {HONE_TO_ROWS(HONE_ALONG_ENTRY, 3)}},                                                                     \
    }
