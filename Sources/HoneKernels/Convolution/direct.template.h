// Tiles of a direct convolution: rows are out channels or taps, vectors are neighbouring outputs or out channels.
// Unlike those of tile.template.h they find x where it is, by a table of offsets. Included once per instruction set.

/// c(r, v) = activation(bias(r) + sum over taps of a(tap, r) * b(tap, v)).
HONE_INLINE void HONE_NAME(direct_outputs)(const int rows, const int vectors, const direct_outputs *tile) {
    HONE_F sum[HONE_ROWS][conv_max_vectors], part[conv_max_vectors];
    const float *from[conv_max_vectors], *a = tile->a;
    HONE_UNROLL for (int v = 0; v < vectors; v++) from[v] = tile->vectors[v].from;
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = tile->bias[r] - (HONE_F){0};
    }
    for (size_t i = 0; i < tile->taps; i++, a += HONE_LANES) {
        size_t offset = tile->offsets[i];
        HONE_UNROLL for (int v = 0; v < vectors; v++) part[v] = *(const HONE_F *)(from[v] + offset);
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            HONE_F element = a[r] - (HONE_F){0};
            HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = HONE_FMA(element, part[v], sum[r][v]);
        }
    }
    if (tile->relu) {
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = HONE_NAME(relu)(sum[r][v]);
        }
    }
    HONE_UNROLL for (int v = 0; v < vectors; v++) {
        float *to = tile->vectors[v].to;
        size_t count = tile->vectors[v].count;
        HONE_UNROLL for (int r = 0; r < rows; r++) {
            HONE_NAME(put_part)(to + (size_t)r * tile->plane, sum[r][v], count, false);
        }
    }
}

/// c(r, v) (+)= sum over outputs (o, i) of a(r, o, i) * b(o, i, v).
HONE_INLINE void HONE_NAME(direct_weights)(const int rows, const int vectors, const direct_weights *tile) {
    HONE_F sum[HONE_ROWS][conv_max_vectors], part[conv_max_vectors];
    const float *from[HONE_ROWS], *b = tile->b;
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        from[r] = tile->x + tile->offsets[r];
        HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = (HONE_F){0};
    }
    for (size_t o = 0; o < tile->height; o++) {
        for (size_t i = 0; i < tile->width; i++, b += HONE_LANES) {
            HONE_UNROLL for (int v = 0; v < vectors; v++) part[v] = *(const HONE_F *)(b + (size_t)v * tile->b_vector);
            HONE_UNROLL for (int r = 0; r < rows; r++) {
                HONE_F element = from[r][i] - (HONE_F){0};
                HONE_UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = HONE_FMA(element, part[v], sum[r][v]);
            }
        }
        HONE_UNROLL for (int r = 0; r < rows; r++) from[r] += tile->row;
    }
    HONE_UNROLL for (int r = 0; r < rows; r++) {
        HONE_UNROLL for (int v = 0; v < vectors; v++) {
            HONE_F *to = (HONE_F *)(tile->c + (size_t)r * HONE_LANES + (size_t)v * tile->c_vector);
            *to = tile->accumulate ? *to + sum[r][v] : sum[r][v];
        }
    }
}

#define HONE_DIRECT(rows, vectors)                                                                                     \
    static void HONE_NAME(outputs_##rows##x##vectors)(const direct_outputs *tile) {                                    \
        HONE_NAME(direct_outputs)(rows, vectors, tile);                                                                \
    }                                                                                                                  \
    static void HONE_NAME(weights_##rows##x##vectors)(const direct_weights *tile) {                                    \
        HONE_NAME(direct_weights)(rows, vectors, tile);                                                                \
    }
#define HONE_OUTPUTS_ENTRY(rows, vectors) HONE_NAME(outputs_##rows##x##vectors),
#define HONE_WEIGHTS_ENTRY(rows, vectors) HONE_NAME(weights_##rows##x##vectors),

HONE_TO_ROWS(HONE_DIRECT, 1)
HONE_TO_ROWS(HONE_DIRECT, 2)
HONE_TO_ROWS(HONE_DIRECT, 3)

#define HONE_DIRECT_TABLE(entry)                                                                                       \
    {                                                                                                                  \
        {HONE_TO_ROWS(entry, 1)}, {HONE_TO_ROWS(entry, 2)}, {HONE_TO_ROWS(entry, 3)},                                  \
    }
