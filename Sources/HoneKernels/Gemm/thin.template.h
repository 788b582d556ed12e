// Products with one row, one column or very few. There is next to nothing to reuse, so a and b are read straight from
// where they are. Included once per instruction set.
//
// However the work is cut among threads, an element of c is summed in the same way: in dots all are alike; in one_row
// it depends on the columns that are left, and the driver cuts at multiples of what is taken at once.
#define HONE_ROW_VECTORS 8  // sums in flight, so that multiply-adds need not wait for each other

/// Writes `count` finished elements of row i from column j on.
HONE_INLINE void HONE_NAME(finish)(const hone_thin_product *thin, size_t i, size_t j, const float *sums, size_t count) {
    float *c = thin->c + i * thin->ldc + j;
    const float *bias = thin->bias ? thin->bias + j * thin->bias_stride : NULL;
    for (size_t l = 0; l < count; l++) {
        float value = sums[l];
        if (thin->beta != 0) value += thin->beta * c[l];
        if (bias) value += bias[l * thin->bias_stride];
        if (thin->relu && value < 0) value = 0;
        c[l] = value;
    }
}

/// `vectors` vectors of columns of the only row, from column j on.
HONE_INLINE void HONE_NAME(row_columns)(const hone_thin_product *thin, size_t j, const int vectors) {
    HONE_F sum[HONE_ROW_VECTORS];
    // With fewer vectors, several steps of k have sums of their own.
    const int ways = HONE_ROW_VECTORS / vectors;
    HONE_UNROLL for (int i = 0; i < HONE_ROW_VECTORS; i++) sum[i] = (HONE_F){0};
    const float *a = thin->a, *b = thin->b + j;
    size_t p = 0;
    for (; p + (size_t)ways <= thin->k; p += (size_t)ways) {
        HONE_UNROLL for (int way = 0; way < ways; way++) {
            HONE_F element = *a - (HONE_F){0};
            HONE_UNROLL for (int v = 0; v < vectors; v++) {
                HONE_F *target = &sum[way * vectors + v];
                *target = HONE_FMA(element, *(const HONE_F *)(b + v * HONE_LANES), *target);
            }
            a += thin->a_stride;
            b += thin->b_stride;
        }
    }
    for (; p < thin->k; p++) {
        HONE_F element = *a - (HONE_F){0};
        HONE_UNROLL for (int v = 0; v < vectors; v++) {
            sum[v] = HONE_FMA(element, *(const HONE_F *)(b + v * HONE_LANES), sum[v]);
        }
        a += thin->a_stride;
        b += thin->b_stride;
    }
    HONE_UNROLL for (int way = 1; way < ways; way++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) sum[v] += sum[way * vectors + v];
    }
    float sums[HONE_ROW_VECTORS * HONE_LANES];
    HONE_UNROLL for (int v = 0; v < vectors; v++) *(HONE_F *)(sums + v * HONE_LANES) = sum[v];
    HONE_NAME(finish)(thin, 0, j, sums, (size_t)vectors * HONE_LANES);
}

/// The columns of the only row from j on, fewer than a vector.
HONE_INLINE void HONE_NAME(row_rest)(const hone_thin_product *thin, size_t j) {
    HONE_F sum = {0}, other = {0};
    const float *a = thin->a, *b = thin->b + j;
    size_t count = thin->n - j, p = 0;
    for (; p + 2 <= thin->k; p += 2) {
        sum = HONE_FMA(a[0] - (HONE_F){0}, HONE_NAME(load_part)(b, count), sum);
        other = HONE_FMA(a[thin->a_stride] - (HONE_F){0}, HONE_NAME(load_part)(b + thin->b_stride, count), other);
        a += 2 * thin->a_stride;
        b += 2 * thin->b_stride;
    }
    if (p < thin->k) sum = HONE_FMA(*a - (HONE_F){0}, HONE_NAME(load_part)(b, count), sum);
    sum += other;
    HONE_NAME(finish)(thin, 0, j, (const float *)&sum, count);
}

static void HONE_NAME(one_row)(const hone_thin_product *thin) {
    size_t j = 0;
    for (; j + HONE_ROW_VECTORS * HONE_LANES <= thin->n; j += HONE_ROW_VECTORS * HONE_LANES) {
        HONE_NAME(row_columns)(thin, j, HONE_ROW_VECTORS);
    }
    for (; j + 2 * HONE_LANES <= thin->n; j += 2 * HONE_LANES) HONE_NAME(row_columns)(thin, j, 2);
    for (; j + HONE_LANES <= thin->n; j += HONE_LANES) HONE_NAME(row_columns)(thin, j, 1);
    if (j < thin->n) HONE_NAME(row_rest)(thin, j);
}

/// Adds the groups of four floats of a vector up to one.
HONE_INLINE hone_f4 HONE_NAME(fold)(HONE_F sum) {
#if HONE_LANES == 16
    hone_f8 half = __builtin_shufflevector(sum, sum, 0, 1, 2, 3, 4, 5, 6, 7) +
                   __builtin_shufflevector(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15);
    return __builtin_shufflevector(half, half, 0, 1, 2, 3) + __builtin_shufflevector(half, half, 4, 5, 6, 7);
#elif HONE_LANES == 8
    return __builtin_shufflevector(sum, sum, 0, 1, 2, 3) + __builtin_shufflevector(sum, sum, 4, 5, 6, 7);
#else
    return sum;
#endif
}

/// Adds up each of four vectors.
HONE_INLINE hone_f4 HONE_NAME(add_up)(const HONE_F sum[4]) {
    hone_f4 folded[4];
    HONE_UNROLL for (int i = 0; i < 4; i++) folded[i] = HONE_NAME(fold)(sum[i]);
    hone_f4 low = __builtin_shufflevector(folded[0], folded[1], 0, 4, 1, 5) +
                  __builtin_shufflevector(folded[0], folded[1], 2, 6, 3, 7);
    hone_f4 high = __builtin_shufflevector(folded[2], folded[3], 0, 4, 1, 5) +
                   __builtin_shufflevector(folded[2], folded[3], 2, 6, 3, 7);
    return __builtin_shufflevector(low, high, 0, 1, 4, 5) + __builtin_shufflevector(low, high, 2, 3, 6, 7);
}

/// The scalar products of `rows` rows of a from row i on with `columns` lines of b from line j on.
HONE_INLINE void HONE_NAME(dot_block)(const hone_thin_product *thin, size_t i, size_t j, const int rows,
                                      const int columns) {
    enum { most = 16 };
    HONE_F sum[most];
    HONE_UNROLL for (int e = 0; e < most; e++) sum[e] = (HONE_F){0};
    size_t a_stride = thin->a_stride, b_stride = thin->b_stride, p = 0;
    const float *a = thin->a + i * a_stride, *b = thin->b + j * b_stride;
    for (; p + HONE_LANES <= thin->k; p += HONE_LANES) {
        HONE_F line[8];
        HONE_UNROLL for (int l = 0; l < columns; l++) line[l] = *(const HONE_F *)(b + (size_t)l * b_stride + p);
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            HONE_F row = *(const HONE_F *)(a + (size_t)r * a_stride + p);
            HONE_UNROLL for (int l = 0; l < columns; l++) {
                sum[r * columns + l] = HONE_FMA(row, line[l], sum[r * columns + l]);
            }
        }
    }
    if (p < thin->k) {
        size_t count = thin->k - p;
        HONE_F line[8];
        HONE_UNROLL for (int l = 0; l < columns; l++) {
            line[l] = HONE_NAME(load_part)(b + (size_t)l * b_stride + p, count);
        }
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            HONE_F row = HONE_NAME(load_part)(a + (size_t)r * a_stride + p, count);
            HONE_UNROLL for (int l = 0; l < columns; l++) {
                sum[r * columns + l] = HONE_FMA(row, line[l], sum[r * columns + l]);
            }
        }
    }
    float sums[most];
    // What is beyond the last sum is zero.
    HONE_UNROLL for (int e = 0; e < rows * columns; e += 4) *(hone_f4 *)(sums + e) = HONE_NAME(add_up)(sum + e);
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        HONE_NAME(finish)(thin, i + (size_t)r, j, sums + r * columns, (size_t)columns);
    }
}

/// The rows i to `end` by a few lines of b from line j on, which stay in the cache meanwhile.
HONE_INLINE void HONE_NAME(dot_lines)(const hone_thin_product *thin, size_t i, size_t end, size_t j, const int lines) {
    if (lines <= 4) {
        for (; i + 4 <= end; i += 4) HONE_NAME(dot_block)(thin, i, j, 4, lines);
    }
    for (; i < end; i++) HONE_NAME(dot_block)(thin, i, j, 1, lines);
}

// Vectors run along k, so nothing need be packed; four rows by four lines load half a vector a multiply-add.
static void HONE_NAME(dots)(const hone_thin_product *thin) {
    // A block of rows stays in the second level of cache while all lines pass.
    enum { block = 32 << 10 };
    size_t rows = block / thin->k / 4 * 4;
    if (rows < 4) rows = 4;
    for (size_t i = 0; i < thin->m; i += rows) {
        size_t end = i + rows < thin->m ? i + rows : thin->m, j = 0;
        if (end - i < 4) {
            for (; j + 8 <= thin->n; j += 8) HONE_NAME(dot_lines)(thin, i, end, j, 8);
        }
        for (; j + 4 <= thin->n; j += 4) HONE_NAME(dot_lines)(thin, i, end, j, 4);
        for (; j + 2 <= thin->n; j += 2) HONE_NAME(dot_lines)(thin, i, end, j, 2);
        if (j < thin->n) HONE_NAME(dot_lines)(thin, i, end, j, 1);
    }
}

#undef HONE_ROW_VECTORS
