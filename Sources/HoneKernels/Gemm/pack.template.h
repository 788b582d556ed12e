// Copies a panel of a or b into the order in which tiles read it. Included once per instruction set.
#define HONE_COPY_AHEAD 16  // steps of k between a copied line and the one fetched
#define HONE_TRANSPOSE_AHEAD 64  // floats between the block being transposed and the one fetched

HONE_INLINE void HONE_NAME(copy_steps)(const size_t vectors, const hone_panel *panel) {
    const float *from = panel->from;
    float *to = panel->to;
    size_t last = (vectors - 1) * HONE_LANES, part = panel->width - last, stride = panel->stride, step = panel->step;
    for (size_t p = panel->k; p; p--, from += stride, to += step) {
        HONE_UNROLL for (size_t i = 0; i < vectors * HONE_LANES; i += 16) {
            __builtin_prefetch(from + HONE_COPY_AHEAD * stride + i);
        }
        HONE_UNROLL for (size_t i = 0; i < last; i += HONE_LANES) *(HONE_F *)(to + i) = *(const HONE_F *)(from + i);
        *(HONE_F *)(to + last) = HONE_NAME(load_part)(from + last, part);
    }
}

static void HONE_NAME(pack_straight)(const hone_panel *panel) {
    switch ((panel->width + HONE_LANES - 1) / HONE_LANES) {
    case 1: HONE_NAME(copy_steps)(1, panel); break;
    case 2: HONE_NAME(copy_steps)(2, panel); break;
    case 3: HONE_NAME(copy_steps)(3, panel); break;
    default: HONE_NAME(copy_steps)(4, panel); break;
    }
}

/// `count` steps of `lines` lines, both at most HONE_LANES, to `to`.
HONE_INLINE void HONE_NAME(transpose_block)(const float *from, size_t stride, size_t lines, size_t count, float *to,
                                            size_t step) {
    HONE_F line[HONE_LANES];
    HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
        if (lines == HONE_LANES && count == HONE_LANES) {
            line[i] = *(const HONE_F *)(from + i * stride);
            __builtin_prefetch(from + i * stride + HONE_TRANSPOSE_AHEAD);
        } else {
            line[i] = i < lines ? HONE_NAME(load_part)(from + i * stride, count) : (HONE_F){0};
        }
    }
    HONE_NAME(transpose)(line);
    HONE_UNROLL for (size_t q = 0; q < HONE_LANES; q++) {
        if (q < count) *(HONE_F *)(to + q * step) = line[q];
    }
}

static void HONE_NAME(pack_transposed)(const hone_panel *panel) {
    size_t stride = panel->stride, step = panel->step, k = panel->k;
    for (size_t first = 0; first < panel->width; first += HONE_LANES) {
        const float *from = panel->from + first * stride;
        float *to = panel->to + first;
        size_t lines = panel->readable - first < HONE_LANES ? panel->readable - first : HONE_LANES, p = 0;
        if (lines == HONE_LANES) {
            for (; p + HONE_LANES <= k; p += HONE_LANES) {
                HONE_NAME(transpose_block)(from + p, stride, HONE_LANES, HONE_LANES, to + p * step, step);
            }
        }
        for (; p < k; p += HONE_LANES) {
            size_t count = k - p < HONE_LANES ? k - p : HONE_LANES;
            HONE_NAME(transpose_block)(from + p, stride, lines, count, to + p * step, step);
        }
    }
}

#undef HONE_COPY_AHEAD
#undef HONE_TRANSPOSE_AHEAD
