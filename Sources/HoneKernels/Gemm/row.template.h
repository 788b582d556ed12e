// Products with a single row: c[1, n] = x[1, k] * b. There is nothing to reuse, so b is read once, straight from where it
// is. Included once per instruction set.
#define HONE_ROW_VECTORS 8  // sums in flight, so that multiply-adds need not wait for each other

/// Writes `count` finished elements of c from column j on.
HONE_INLINE void HONE_NAME(finish)(const hone_row_product *row, size_t j, const float *sums, size_t count) {
    float *c = row->c + j;
    const float *bias = row->bias ? row->bias + j * row->bias_stride : NULL;
    for (size_t i = 0; i < count; i++) {
        float value = sums[i];
        if (row->beta != 0) value += row->beta * c[i];
        if (bias) value += bias[i * row->bias_stride];
        if (row->relu && value < 0) value = 0;
        c[i] = value;
    }
}

/// `vectors` vectors of columns from column j on.
HONE_INLINE void HONE_NAME(row_columns)(const hone_row_product *row, size_t j, const int vectors) {
    HONE_F sum[HONE_ROW_VECTORS];
    // With fewer vectors, several steps of k have sums of their own.
    const int ways = HONE_ROW_VECTORS / vectors;
    HONE_UNROLL for (int i = 0; i < HONE_ROW_VECTORS; i++) sum[i] = (HONE_F){0};
    const float *x = row->x, *b = row->b + j;
    size_t p = 0;
    for (; p + (size_t)ways <= row->k; p += (size_t)ways) {
        HONE_UNROLL for (int way = 0; way < ways; way++) {
            HONE_F element = *x - (HONE_F){0};
            HONE_UNROLL for (int v = 0; v < vectors; v++) {
                HONE_F *target = &sum[way * vectors + v];
                *target = HONE_FMA(element, *(const HONE_F *)(b + v * HONE_LANES), *target);
            }
            x += row->x_stride;
            b += row->ldb;
        }
    }
    for (; p < row->k; p++) {
        HONE_F element = *x - (HONE_F){0};
        HONE_UNROLL for (int v = 0; v < vectors; v++) {
            sum[v] = HONE_FMA(element, *(const HONE_F *)(b + v * HONE_LANES), sum[v]);
        }
        x += row->x_stride;
        b += row->ldb;
    }
    HONE_UNROLL for (int way = 1; way < ways; way++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) sum[v] += sum[way * vectors + v];
    }
    float sums[HONE_ROW_VECTORS * HONE_LANES];
    HONE_UNROLL for (int v = 0; v < vectors; v++) *(HONE_F *)(sums + v * HONE_LANES) = sum[v];
    HONE_NAME(finish)(row, j, sums, (size_t)vectors * HONE_LANES);
}

/// The columns from j on, fewer than a vector.
HONE_INLINE void HONE_NAME(row_rest)(const hone_row_product *row, size_t j) {
    HONE_F sum = {0}, other = {0};
    const float *x = row->x, *b = row->b + j;
    size_t count = row->n - j, p = 0;
    for (; p + 2 <= row->k; p += 2) {
        sum = HONE_FMA(x[0] - (HONE_F){0}, HONE_NAME(load_part)(b, count), sum);
        other = HONE_FMA(x[row->x_stride] - (HONE_F){0}, HONE_NAME(load_part)(b + row->ldb, count), other);
        x += 2 * row->x_stride;
        b += 2 * row->ldb;
    }
    if (p < row->k) sum = HONE_FMA(*x - (HONE_F){0}, HONE_NAME(load_part)(b, count), sum);
    sum += other;
    HONE_NAME(finish)(row, j, (const float *)&sum, count);
}

static void HONE_NAME(row_straight)(const hone_row_product *row) {
    size_t j = 0;
    for (; j + HONE_ROW_VECTORS * HONE_LANES <= row->n; j += HONE_ROW_VECTORS * HONE_LANES) {
        HONE_NAME(row_columns)(row, j, HONE_ROW_VECTORS);
    }
    for (; j + 2 * HONE_LANES <= row->n; j += 2 * HONE_LANES) HONE_NAME(row_columns)(row, j, 2);
    for (; j + HONE_LANES <= row->n; j += HONE_LANES) HONE_NAME(row_columns)(row, j, 1);
    if (j < row->n) HONE_NAME(row_rest)(row, j);
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

/// The scalar products of x with `lines` lines of b from line j on, 4 at most.
HONE_INLINE void HONE_NAME(row_lines)(const hone_row_product *row, size_t j, const int lines) {
    HONE_F sum[4] = {{0}, {0}, {0}, {0}}, other[4] = {{0}, {0}, {0}, {0}};
    const float *x = row->x, *b = row->b + j * row->ldb;
    size_t p = 0, ldb = row->ldb;
    for (; p + 2 * HONE_LANES <= row->k; p += 2 * HONE_LANES) {
        HONE_F first = *(const HONE_F *)(x + p), second = *(const HONE_F *)(x + p + HONE_LANES);
        HONE_UNROLL for (int i = 0; i < lines; i++) {
            const float *line = b + (size_t)i * ldb + p;
            sum[i] = HONE_FMA(first, *(const HONE_F *)line, sum[i]);
            other[i] = HONE_FMA(second, *(const HONE_F *)(line + HONE_LANES), other[i]);
        }
    }
    for (; p < row->k; p += HONE_LANES) {
        size_t count = row->k - p < HONE_LANES ? row->k - p : HONE_LANES;
        HONE_F part = HONE_NAME(load_part)(x + p, count);
        HONE_UNROLL for (int i = 0; i < lines; i++) {
            sum[i] = HONE_FMA(part, HONE_NAME(load_part)(b + (size_t)i * ldb + p, count), sum[i]);
        }
    }
    hone_f4 folded[4];
    HONE_UNROLL for (int i = 0; i < 4; i++) folded[i] = HONE_NAME(fold)(sum[i] + other[i]);
    hone_f4 low = __builtin_shufflevector(folded[0], folded[1], 0, 4, 1, 5) +
                  __builtin_shufflevector(folded[0], folded[1], 2, 6, 3, 7);
    hone_f4 high = __builtin_shufflevector(folded[2], folded[3], 0, 4, 1, 5) +
                   __builtin_shufflevector(folded[2], folded[3], 2, 6, 3, 7);
    hone_f4 sums = __builtin_shufflevector(low, high, 0, 1, 4, 5) + __builtin_shufflevector(low, high, 2, 3, 6, 7);
    HONE_NAME(finish)(row, j, (const float *)&sums, (size_t)lines);
}

static void HONE_NAME(row_transposed)(const hone_row_product *row) {
    size_t j = 0;
    for (; j + 4 <= row->n; j += 4) HONE_NAME(row_lines)(row, j, 4);
    for (; j < row->n; j++) HONE_NAME(row_lines)(row, j, 1);
}

#undef HONE_ROW_VECTORS
