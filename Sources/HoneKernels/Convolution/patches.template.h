// Between images and panels of patches, and from the sums of a panel to the output. Included once per instruction set.
//
// For one piece and one tap the outputs' elements of x lie in one row, `stride_w` apart; which of them are in the image
// is the same for all channels, so the channels are the innermost loop.

/// Where the elements of one piece are for one tap: the first, counted from a channel's, and which are in the image.
typedef struct HONE_NAME(reach) {
    ptrdiff_t first;
    size_t low, high;
} HONE_NAME(reach);

HONE_INLINE HONE_NAME(reach) HONE_NAME(reach_of)(const hone_conv *conv, const conv_piece *piece, size_t r, size_t s,
                                               ptrdiff_t step) {
    ptrdiff_t row = (ptrdiff_t)(piece->row * conv->stride_h + r * conv->dilation_h) - (ptrdiff_t)conv->pad_h;
    ptrdiff_t column = (ptrdiff_t)(piece->column * conv->stride_w + s * conv->dilation_w) - (ptrdiff_t)conv->pad_w;
    ptrdiff_t width = (ptrdiff_t)conv->width;
    HONE_NAME(reach) reach = {row * width + column, 0, 0};
    if (row < 0 || row >= (ptrdiff_t)conv->height || column >= width) return reach;
    if (column < 0) reach.low = (size_t)((-column + step - 1) / step);
    reach.high = (size_t)((width - column + step - 1) / step);
    if (reach.high > piece->count) reach.high = piece->count;
    if (reach.low >= reach.high) reach.low = reach.high = 0;
    return reach;
}

#if HONE_IS_AVX512
/// Bits low to high - 1.
HONE_INLINE uint32_t HONE_NAME(bits)(size_t low, size_t high) {
    return (uint32_t)((((uint64_t)1 << high) - 1) & ~(((uint64_t)1 << low) - 1));
}
#endif

HONE_INLINE void HONE_NAME(gather_tap)(const float *from, size_t plane, size_t channels, size_t step,
                                       HONE_NAME(reach) reach, size_t count, float *to, size_t to_step) {
#if HONE_IS_AVX512
    const __mmask16 whole = (__mmask16)HONE_NAME(bits)(0, count);
    if (step == 1) {
        const __mmask16 valid = (__mmask16)HONE_NAME(bits)(reach.low, reach.high);
        for (size_t c = 0; c < channels; c++, from += plane, to += to_step) {
            _mm512_mask_storeu_ps(to, whole, _mm512_maskz_loadu_ps(valid, from + reach.first));
        }
        return;
    }
    if (step == 2) {
        const uint32_t valid = reach.high ? HONE_NAME(bits)(2 * reach.low, 2 * reach.high - 1) : 0;
        const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        for (size_t c = 0; c < channels; c++, from += plane, to += to_step) {
            __m512 low = _mm512_maskz_loadu_ps((__mmask16)valid, from + reach.first);
            __m512 high = _mm512_maskz_loadu_ps((__mmask16)(valid >> 16), from + reach.first + HONE_LANES);
            _mm512_mask_storeu_ps(to, whole, _mm512_permutex2var_ps(low, even, high));
        }
        return;
    }
#endif
    for (size_t c = 0; c < channels; c++, from += plane, to += to_step) {
        for (size_t i = 0; i < reach.low; i++) to[i] = 0;
        for (size_t i = reach.low; i < reach.high; i++) to[i] = from[reach.first + (ptrdiff_t)(i * step)];
        for (size_t i = reach.high; i < count; i++) to[i] = 0;
    }
}

HONE_INLINE void HONE_NAME(scatter_tap)(float *to, size_t plane, size_t channels, size_t step, HONE_NAME(reach) reach,
                                        const float *from, size_t from_step) {
#if HONE_IS_AVX512
    if (step == 1) {
        const __mmask16 valid = (__mmask16)HONE_NAME(bits)(reach.low, reach.high);
        for (size_t c = 0; c < channels; c++, to += plane, from += from_step) {
            float *at = to + reach.first;
            _mm512_mask_storeu_ps(at, valid, _mm512_maskz_loadu_ps(valid, at) + _mm512_maskz_loadu_ps(valid, from));
        }
        return;
    }
    if (step == 2) {
        const uint32_t valid = HONE_NAME(bits)(2 * reach.low, 2 * reach.high) & 0x55555555u;
        const __mmask16 valid_low = (__mmask16)valid, valid_high = (__mmask16)(valid >> 16);
        const __mmask16 part = (__mmask16)HONE_NAME(bits)(reach.low, reach.high);
        const __m512i first = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
        const __m512i second = _mm512_setr_epi32(8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15);
        for (size_t c = 0; c < channels; c++, to += plane, from += from_step) {
            float *at = to + reach.first;
            __m512 sums = _mm512_maskz_loadu_ps(part, from);
            _mm512_mask_storeu_ps(at, valid_low,
                                  _mm512_maskz_loadu_ps(valid_low, at) + _mm512_permutexvar_ps(first, sums));
            if (!valid_high) continue;
            at += HONE_LANES;
            _mm512_mask_storeu_ps(at, valid_high,
                                  _mm512_maskz_loadu_ps(valid_high, at) + _mm512_permutexvar_ps(second, sums));
        }
        return;
    }
#endif
    for (size_t c = 0; c < channels; c++, to += plane, from += from_step) {
        for (size_t i = reach.low; i < reach.high; i++) to[reach.first + (ptrdiff_t)(i * step)] += from[i];
    }
}

/// `step` is the stride along rows; a constant where it matters.
HONE_INLINE void HONE_NAME(patches)(const conv_patches *patches, bool gather, size_t step) {
    const hone_conv *conv = patches->conv;
    size_t taps = conv->kernel_height * conv->kernel_width, plane = conv->height * conv->width;
    size_t channels = patches->channels, vector = channels * taps * HONE_LANES, stride = taps * HONE_LANES;
    for (size_t i = 0; i < patches->piece_count; i++) {
        const conv_piece *piece = &patches->pieces[i];
        float *x = piece->x + patches->first_channel * plane;
        float *panel = patches->panel + piece->slot / HONE_LANES * vector + piece->slot % HONE_LANES;
        for (size_t r = 0; r < conv->kernel_height; r++) {
            for (size_t s = 0; s < conv->kernel_width; s++, panel += HONE_LANES) {
                HONE_NAME(reach) reach = HONE_NAME(reach_of)(conv, piece, r, s, (ptrdiff_t)step);
                if (gather) {
                    HONE_NAME(gather_tap)(x, plane, channels, step, reach, piece->count, panel, stride);
                } else if (reach.high) {
                    HONE_NAME(scatter_tap)(x, plane, channels, step, reach, panel, stride);
                }
            }
        }
    }
}

static void HONE_NAME(gather_patches)(const conv_patches *patches) {
    switch (patches->conv->stride_w) {
    case 1: HONE_NAME(patches)(patches, true, 1); break;
    case 2: HONE_NAME(patches)(patches, true, 2); break;
    default: HONE_NAME(patches)(patches, true, patches->conv->stride_w); break;
    }
}

static void HONE_NAME(scatter_patches)(const conv_patches *patches) {
    switch (patches->conv->stride_w) {
    case 1: HONE_NAME(patches)(patches, false, 1); break;
    case 2: HONE_NAME(patches)(patches, false, 2); break;
    default: HONE_NAME(patches)(patches, false, patches->conv->stride_w); break;
    }
}

static void HONE_NAME(gather_plain)(const conv_run *run, float *panel, size_t rows) {
    const float *from = run->plain;
    float *to = panel + run->slot / HONE_LANES * rows * HONE_LANES + run->slot % HONE_LANES;
    if (run->count == HONE_LANES) {
        for (size_t i = 0; i < rows; i++) *(HONE_F *)(to + i * HONE_LANES) = *(const HONE_F *)(from + i * run->plane);
    } else {
        for (size_t i = 0; i < rows; i++) {
            HONE_F part = HONE_NAME(load_part)(from + i * run->plane, run->count);
            HONE_NAME(store_part)(to + i * HONE_LANES, part, run->count);
        }
    }
}

static void HONE_NAME(finish)(const conv_run *run, const float *panel, size_t rows, const float *bias, bool relu) {
    const float *from = panel + run->slot / HONE_LANES * rows * HONE_LANES + run->slot % HONE_LANES;
    float *to = run->plain;
    for (size_t i = 0; i < rows; i++, from += HONE_LANES, to += run->plane) {
        // A run is at most a vector long; the panel is read to the vector's end only where the run goes there.
        HONE_F sum = run->count == HONE_LANES ? *(const HONE_F *)from : HONE_NAME(load_part)(from, run->count);
        if (bias) sum += bias[i] - (HONE_F){0};
        if (relu) sum = HONE_NAME(relu)(sum);
        HONE_NAME(put_part)(to, sum, run->count, false);
    }
}
