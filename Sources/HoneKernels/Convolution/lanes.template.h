// From [plane][pixel] to [pixel][lane] and back: transposes of as many vectors as a vector has lanes. Included once per
// instruction set.

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
