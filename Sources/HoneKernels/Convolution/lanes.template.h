// From [plane][pixel] to [pixel][lane] and back: transposes of as many vectors as a vector has lanes. Included once per
// instruction set.

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

/// The first `count` lanes to `to`, 1 to HONE_LANES; writes no other.
HONE_INLINE void HONE_NAME(store_part)(float *to, HONE_F value, size_t count) {
#if HONE_IS_AVX512
    _mm512_mask_storeu_ps(to, (__mmask16)(0xFFFFu >> (HONE_LANES - count)), (__m512)value);
#elif HONE_IS_AVX2
    const hone_i8 index = {0, 1, 2, 3, 4, 5, 6, 7};
    _mm256_maskstore_ps(to, (__m256i)(index < (int32_t)count), (__m256)value);
#else
    for (size_t i = 0; i < count; i++) to[i] = value[i];
#endif
}

/// (to) += or = value in the first `count` lanes.
HONE_INLINE void HONE_NAME(put_part)(float *to, HONE_F value, size_t count, bool accumulate) {
    if (count == HONE_LANES) {
        *(HONE_F *)to = accumulate ? *(HONE_F *)to + value : value;
    } else {
        HONE_NAME(store_part)(to, accumulate ? HONE_NAME(load_part)(to, count) + value : value, count);
    }
}

/// What is below zero becomes zero, and a NaN stays one, which a maximum would not promise.
HONE_INLINE HONE_F HONE_NAME(relu)(HONE_F x) { return (HONE_F)((HONE_I)x & ~(HONE_I)(x < (HONE_F){0})); }

/// The sum of `count` floats, in double precision over stretches that are short enough for single.
static double HONE_NAME(sum)(const float *from, size_t count) {
    enum { stretch = 1024 };
    double total = 0;
    while (count) {
        size_t part = count < stretch ? count : stretch;
        HONE_F sums[4] = {{0}, {0}, {0}, {0}};
        size_t i = 0;
        for (; i + 4 * HONE_LANES <= part; i += 4 * HONE_LANES) {
            HONE_UNROLL for (int j = 0; j < 4; j++) sums[j] += *(const HONE_F *)(from + i + j * HONE_LANES);
        }
        for (; i < part; i += HONE_LANES) {
            sums[0] += HONE_NAME(load_part)(from + i, part - i < HONE_LANES ? part - i : HONE_LANES);
        }
        HONE_F sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
        for (int j = 0; j < HONE_LANES; j++) total += (double)sum[j];
        from += part;
        count -= part;
    }
    return total;
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
    // Four by four within the groups: in group g, part[4 * q + s] then has element 4 * g + s of lines 4 * q … 4 * q +
    // 3.
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

static void HONE_NAME(to_lanes)(const conv_stretch *stretch) {
    size_t planes = stretch->planes, plane = stretch->plane, left = stretch->left, width = stretch->width;
    float *to = stretch->lanes;
    for (size_t first = 0; first < stretch->count; first += HONE_LANES) {
        const float *from = stretch->plain + first;
        size_t count = stretch->count - first < HONE_LANES ? stretch->count - first : HONE_LANES;
        HONE_F line[HONE_LANES];
        if (count == HONE_LANES && planes == HONE_LANES) {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) line[i] = *(const HONE_F *)(from + i * plane);
        } else {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
                line[i] = i < planes ? HONE_NAME(load_part)(from + i * plane, count) : (HONE_F){0};
            }
        }
        HONE_NAME(transpose)(line);
        if (count == HONE_LANES && left >= HONE_LANES) {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) *(HONE_F *)(to + i * HONE_LANES) = line[i];
            to += HONE_LANES * HONE_LANES;
            left -= HONE_LANES;
            if (!left) {
                to += stretch->skip;
                left = width;
            }
        } else {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
                if (i < count) {
                    *(HONE_F *)to = line[i];
                    to += HONE_LANES;
                    if (!--left) {
                        to += stretch->skip;
                        left = width;
                    }
                }
            }
        }
    }
}

static void HONE_NAME(from_lanes)(const conv_stretch *stretch, bool accumulate) {
    size_t planes = stretch->planes, plane = stretch->plane, left = stretch->left, width = stretch->width;
    const float *from = stretch->lanes;
    for (size_t first = 0; first < stretch->count; first += HONE_LANES) {
        float *to = stretch->plain + first;
        size_t count = stretch->count - first < HONE_LANES ? stretch->count - first : HONE_LANES;
        HONE_F line[HONE_LANES];
        if (count == HONE_LANES && left >= HONE_LANES) {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) line[i] = *(const HONE_F *)(from + i * HONE_LANES);
            from += HONE_LANES * HONE_LANES;
            left -= HONE_LANES;
            if (!left) {
                from += stretch->skip;
                left = width;
            }
        } else {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
                line[i] = (HONE_F){0};
                if (i < count) {
                    line[i] = *(const HONE_F *)from;
                    from += HONE_LANES;
                    if (!--left) {
                        from += stretch->skip;
                        left = width;
                    }
                }
            }
        }
        HONE_NAME(transpose)(line);
        if (planes == HONE_LANES && count == HONE_LANES && !accumulate) {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) *(HONE_F *)(to + i * plane) = line[i];
        } else {
            HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
                if (i < planes) HONE_NAME(put_part)(to + i * plane, line[i], count, accumulate);
            }
        }
    }
}

#undef HONE_FROM_GROUP
#undef HONE_IN_GROUP
#undef HONE_GROUP
#undef HONE_IN_GROUPS
#undef HONE_OF_GROUPS
