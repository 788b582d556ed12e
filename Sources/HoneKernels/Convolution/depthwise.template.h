// One plane at a time, a vector of outputs in a row. Included once per instruction set.
#if HONE_IS_AVX512
#define HONE_TAPS 9  // summed together
#else
#define HONE_TAPS 5
#endif

static void HONE_NAME(depthwise_forward)(const depthwise_plane *plane, float bias, bool relu, bool accumulate) {
    enum { together = 4 };  // rows, so that sums do not wait for each other
    const size_t *offsets = plane->offsets;
    for (size_t top = 0; top < plane->height; top += together) {
        size_t rows = plane->height - top < together ? plane->height - top : together;
        for (size_t first = 0; first < plane->width; first += HONE_LANES) {
            size_t count = plane->width - first < HONE_LANES ? plane->width - first : HONE_LANES;
            const float *from = plane->padded + top * plane->row + first;
            HONE_F sums[together];
            HONE_UNROLL for (int i = 0; i < together; i++) sums[i] = bias - (HONE_F){0};
            if (rows == together) {
                for (size_t tap = 0; tap < plane->taps; tap++) {
                    HONE_F w = plane->w[tap] - (HONE_F){0};
                    HONE_UNROLL for (int i = 0; i < together; i++) {
                        sums[i] = HONE_FMA(w, *(const HONE_F *)(from + (size_t)i * plane->row + offsets[tap]), sums[i]);
                    }
                }
            } else {
                for (size_t tap = 0; tap < plane->taps; tap++) {
                    HONE_F w = plane->w[tap] - (HONE_F){0};
                    for (size_t i = 0; i < rows; i++) {
                        sums[i] = HONE_FMA(w, *(const HONE_F *)(from + i * plane->row + offsets[tap]), sums[i]);
                    }
                }
            }
            for (size_t i = 0; i < rows; i++) {
                HONE_F sum = relu ? HONE_NAME(relu)(sums[i]) : sums[i];
                HONE_NAME(put_part)(plane->plain + (top + i) * plane->width + first, sum, count, accumulate);
            }
        }
    }
}

static void HONE_NAME(depthwise_backward_input)(const depthwise_plane *plane) {
    // Tap by tap over the whole plane: neighbouring taps add to overlapping vectors, which would wait for each other.
    for (size_t tap = 0; tap < plane->taps; tap++) {
        HONE_F w = plane->w[tap] - (HONE_F){0};
        for (size_t i = 0; i < plane->height; i++) {
            float *to = plane->padded + i * plane->row + plane->offsets[tap];
            const float *from = plane->plain + i * plane->width;
            size_t first = 0;
            for (; first + HONE_LANES <= plane->width; first += HONE_LANES) {
                *(HONE_F *)(to + first) = HONE_FMA(w, *(const HONE_F *)(from + first), *(HONE_F *)(to + first));
            }
            if (first < plane->width) {
                size_t count = plane->width - first;
                HONE_F sum = HONE_NAME(load_part)(to + first, count);
                HONE_NAME(store_part)(to + first, HONE_FMA(w, HONE_NAME(load_part)(from + first, count), sum), count);
            }
        }
    }
}

/// The sums over a plane for `taps` neighbouring taps, so that dy is loaded once for all of them.
HONE_INLINE void HONE_NAME(depthwise_taps)(const int taps, const depthwise_plane *plane, const size_t *offsets,
                                           double *dw) {
    HONE_F sums[HONE_TAPS];
    HONE_UNROLL for (int j = 0; j < taps; j++) sums[j] = (HONE_F){0};
    for (size_t i = 0; i < plane->height; i++) {
        const float *x = plane->padded + i * plane->row, *dy = plane->plain + i * plane->width;
        size_t first = 0;
        for (; first + HONE_LANES <= plane->width; first += HONE_LANES) {
            HONE_F part = *(const HONE_F *)(dy + first);
            HONE_UNROLL for (int j = 0; j < taps; j++) {
                sums[j] = HONE_FMA(part, *(const HONE_F *)(x + first + offsets[j]), sums[j]);
            }
        }
        if (first < plane->width) {
            // Both are cut off: what follows in x may be infinite.
            size_t count = plane->width - first;
            HONE_F part = HONE_NAME(load_part)(dy + first, count);
            HONE_UNROLL for (int j = 0; j < taps; j++) {
                sums[j] = HONE_FMA(part, HONE_NAME(load_part)(x + first + offsets[j], count), sums[j]);
            }
        }
    }
    HONE_UNROLL for (int j = 0; j < taps; j++) {
        for (int lane = 0; lane < HONE_LANES; lane++) dw[j] += (double)sums[j][lane];
    }
}

static void HONE_NAME(depthwise_backward_weight)(const depthwise_plane *plane, double *dw) {
    size_t tap = 0;
    for (; tap + HONE_TAPS <= plane->taps; tap += HONE_TAPS) {
        HONE_NAME(depthwise_taps)(HONE_TAPS, plane, plane->offsets + tap, dw + tap);
    }
    for (; tap < plane->taps; tap++) HONE_NAME(depthwise_taps)(1, plane, plane->offsets + tap, dw + tap);
}

#undef HONE_TAPS
