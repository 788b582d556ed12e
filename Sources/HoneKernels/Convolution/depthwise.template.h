// One plane at a time, a vector of outputs in a row. Included once per instruction set.

static void HONE_NAME(depthwise_forward)(const depthwise_plane *plane, float bias, bool relu) {
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
                HONE_NAME(put_part)(plane->plain + (top + i) * plane->width + first, sum, count, false);
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

static void HONE_NAME(depthwise_backward_weight)(const depthwise_plane *plane, double *dw) {
    for (size_t tap = 0; tap < plane->taps; tap++) {
        HONE_F sums[2] = {{0}, {0}};
        for (size_t i = 0; i < plane->height; i++) {
            const float *x = plane->padded + i * plane->row + plane->offsets[tap];
            const float *dy = plane->plain + i * plane->width;
            size_t first = 0;
            for (; first + HONE_LANES <= plane->width; first += HONE_LANES) {
                sums[i & 1] = HONE_FMA(*(const HONE_F *)(x + first), *(const HONE_F *)(dy + first), sums[i & 1]);
            }
            if (first < plane->width) {
                size_t count = plane->width - first;
                HONE_F element = HONE_NAME(load_part)(x + first, count);
                sums[i & 1] = HONE_FMA(element, HONE_NAME(load_part)(dy + first, count), sums[i & 1]);
            }
        }
        HONE_F sum = sums[0] + sums[1];
        for (int j = 0; j < HONE_LANES; j++) dw[tap] += (double)sum[j];
    }
}
