// Reading less than a vector, and turning a square of vectors about its diagonal. Included once per instruction set.

/// The first `count` floats at `from`, 1 to HONE_LANES, and zeros; reads no other.
HONE_INLINE HONE_F HONE_NAME(load_part)(const float *from, size_t count) {
#if HONE_IS_AVX512
    return (HONE_F)_mm512_maskz_loadu_ps((__mmask16)(0xFFFFu >> (HONE_LANES - count)), from);
#elif HONE_IS_AVX2
    const hone_i8 index = {0, 1, 2, 3, 4, 5, 6, 7};
    return (HONE_F)_mm256_maskload_ps(from, (__m256i)(index < (int32_t)count));
#else
    HONE_F part = {from[0]};
    for (size_t i = 1; i < count; i++) part[i] = from[i];
    return part;
#endif
}

// Shuffles that treat each group of four lanes alike: elements h, i, j, k of a's group (0 to 3) or of b's (4 to 7).
#define HONE_FROM_GROUP(i, group) ((i) < 4 ? (i) + 4 * (group) : (i) - 4 + HONE_LANES + 4 * (group))
#define HONE_IN_GROUP(h, i, j, k, group)                                                                               \
    HONE_FROM_GROUP(h, group), HONE_FROM_GROUP(i, group), HONE_FROM_GROUP(j, group), HONE_FROM_GROUP(k, group)
// And shuffles of whole groups: g, h of a vector a, then of b.
#define HONE_GROUP(g) 4 * (g), 4 * (g) + 1, 4 * (g) + 2, 4 * (g) + 3
#if HONE_LANES == 16
#define HONE_IN_GROUPS(a, b, h, i, j, k)                                                                               \
    __builtin_shufflevector(a, b, HONE_IN_GROUP(h, i, j, k, 0), HONE_IN_GROUP(h, i, j, k, 1),                          \
                            HONE_IN_GROUP(h, i, j, k, 2), HONE_IN_GROUP(h, i, j, k, 3))
#define HONE_OF_GROUPS(a, b, g, h)                                                                                     \
    __builtin_shufflevector(a, b, HONE_GROUP(g), HONE_GROUP(h), HONE_GROUP(4 + (g)), HONE_GROUP(4 + (h)))
#elif HONE_LANES == 8
#define HONE_IN_GROUPS(a, b, h, i, j, k)                                                                               \
    __builtin_shufflevector(a, b, HONE_IN_GROUP(h, i, j, k, 0), HONE_IN_GROUP(h, i, j, k, 1))
#define HONE_OF_GROUPS(a, b, g) __builtin_shufflevector(a, b, HONE_GROUP(g), HONE_GROUP(2 + (g)))
#else
#define HONE_IN_GROUPS(a, b, h, i, j, k) __builtin_shufflevector(a, b, HONE_IN_GROUP(h, i, j, k, 0))
#endif

/// Transposes HONE_LANES vectors of HONE_LANES floats.
HONE_INLINE void HONE_NAME(transpose)(HONE_F line[HONE_LANES]) {
    HONE_F part[HONE_LANES];
    // Four by four within the groups: group g of part[q + s] then has element 4 * g + s of the lines q to q + 3.
    HONE_UNROLL for (int q = 0; q < HONE_LANES; q += 4) {
        HONE_F low01 = HONE_IN_GROUPS(line[q], line[q + 1], 0, 4, 1, 5);
        HONE_F high01 = HONE_IN_GROUPS(line[q], line[q + 1], 2, 6, 3, 7);
        HONE_F low23 = HONE_IN_GROUPS(line[q + 2], line[q + 3], 0, 4, 1, 5);
        HONE_F high23 = HONE_IN_GROUPS(line[q + 2], line[q + 3], 2, 6, 3, 7);
        part[q] = HONE_IN_GROUPS(low01, low23, 0, 1, 4, 5);
        part[q + 1] = HONE_IN_GROUPS(low01, low23, 2, 3, 6, 7);
        part[q + 2] = HONE_IN_GROUPS(high01, high23, 0, 1, 4, 5);
        part[q + 3] = HONE_IN_GROUPS(high01, high23, 2, 3, 6, 7);
    }
    // Then the groups themselves: line[4 * g + s] gathers group g of part[s], part[4 + s], …
    HONE_UNROLL for (int s = 0; s < 4; s++) {
#if HONE_LANES == 16
        HONE_F even02 = HONE_OF_GROUPS(part[s], part[4 + s], 0, 2), odd02 = HONE_OF_GROUPS(part[s], part[4 + s], 1, 3);
        HONE_F even13 = HONE_OF_GROUPS(part[8 + s], part[12 + s], 0, 2);
        HONE_F odd13 = HONE_OF_GROUPS(part[8 + s], part[12 + s], 1, 3);
        line[s] = HONE_OF_GROUPS(even02, even13, 0, 2);
        line[4 + s] = HONE_OF_GROUPS(odd02, odd13, 0, 2);
        line[8 + s] = HONE_OF_GROUPS(even02, even13, 1, 3);
        line[12 + s] = HONE_OF_GROUPS(odd02, odd13, 1, 3);
#elif HONE_LANES == 8
        line[s] = HONE_OF_GROUPS(part[s], part[4 + s], 0);
        line[4 + s] = HONE_OF_GROUPS(part[s], part[4 + s], 1);
#else
        line[s] = part[s];
#endif
    }
}

#undef HONE_FROM_GROUP
#undef HONE_IN_GROUP
#undef HONE_GROUP
#undef HONE_IN_GROUPS
#undef HONE_OF_GROUPS
