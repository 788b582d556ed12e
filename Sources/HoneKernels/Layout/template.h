// The transpose of one instruction set: square tiles in registers, panels of tiles in the cache.
#include "../VectorMath/lanes.h"

#if HONE_LANES == 16
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif HONE_LANES == 8
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

/// Zips row i with row i + half, for all i: one of the log2(HONE_LANES) steps of a transpose.
HONE_INLINE void zip_rows(const vi *from, vi *to) {
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < HONE_LANES / 2; i++) {
        to[2 * i] = V_ZIP_LOW(from[i], from[i + HONE_LANES / 2]);
        to[2 * i + 1] = V_ZIP_HIGH(from[i], from[i + HONE_LANES / 2]);
    }
}

/// The transpose of a HONE_LANES square.
HONE_INLINE void transpose_tile(const uint32_t *x, size_t x_step, uint32_t *y, size_t y_step) {
    vi a[HONE_LANES], b[HONE_LANES];
    _Pragma("clang loop unroll(full)")
    for (size_t i = 0; i < HONE_LANES; i++) {
        a[i] = vi_load(x + i * x_step);
    }
    zip_rows(a, b);
    zip_rows(b, a);
#if HONE_LANES == 16
    zip_rows(a, b);
    zip_rows(b, a);
#elif HONE_LANES == 8
    zip_rows(a, b);
    memcpy(a, b, sizeof a);
#endif
    _Pragma("clang loop unroll(full)")
    for (size_t i = 0; i < HONE_LANES; i++) {
        vi_store(y + i * y_step, a[i]);
    }
}

static void transpose_edge(const uint32_t *x, size_t x_step, uint32_t *y, size_t y_step, size_t rows, size_t columns) {
    for (size_t column = 0; column < columns; column++) {
        for (size_t row = 0; row < rows; row++) {
            y[column * y_step + row] = x[row * x_step + column];
        }
    }
}

/// Rows whose transposes share cache lines and pages are done together.
#define HONE_PANEL 64

static void transpose(const uint32_t *x, uint32_t *y, size_t rows, size_t columns, size_t first, size_t last) {
    for (size_t panel = first; panel < last; panel += HONE_PANEL) {
        size_t end = last - panel < HONE_PANEL ? last : panel + HONE_PANEL;
        for (size_t column = 0; column < columns; column += HONE_LANES) {
            size_t width = columns - column < HONE_LANES ? columns - column : HONE_LANES;
            for (size_t row = panel; row < end; row += HONE_LANES) {
                size_t height = end - row < HONE_LANES ? end - row : HONE_LANES;
                const uint32_t *from = x + row * columns + column;
                uint32_t *to = y + column * rows + row;
                if (width == HONE_LANES && height == HONE_LANES) {
                    transpose_tile(from, columns, to, rows);
                } else {
                    transpose_edge(from, columns, to, rows, height, width);
                }
            }
        }
    }
}

const hone_layout_kernels HONE_VARIANT(hone_layout) = {.transpose = transpose};
