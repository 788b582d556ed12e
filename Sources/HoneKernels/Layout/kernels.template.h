// The transpose of one instruction set: square tiles in registers, squares of tiles in the cache.
#include "../VectorMath/lanes.h"

#if HONE_LANES == 16
// Within each quarter of a vector, and then whole quarters.
#define V_ZIP_WORDS_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define V_ZIP_WORDS_HIGH(a, b) __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define V_ZIP_PAIRS_LOW(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define V_ZIP_PAIRS_HIGH(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define V_EVEN_QUARTERS(a, b) __builtin_shufflevector(a, b, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define V_ODD_QUARTERS(a, b) __builtin_shufflevector(a, b, 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31)

HONE_INLINE void transpose_square(vi *a) {
    vi b[HONE_LANES];
    // b[i + j] holds, in its quarter q, column 4 q + j of the rows i ... i + 3.
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < HONE_LANES; i += 4) {
        vi t0 = V_ZIP_WORDS_LOW(a[i], a[i + 1]), t1 = V_ZIP_WORDS_HIGH(a[i], a[i + 1]);
        vi t2 = V_ZIP_WORDS_LOW(a[i + 2], a[i + 3]), t3 = V_ZIP_WORDS_HIGH(a[i + 2], a[i + 3]);
        b[i] = V_ZIP_PAIRS_LOW(t0, t2);
        b[i + 1] = V_ZIP_PAIRS_HIGH(t0, t2);
        b[i + 2] = V_ZIP_PAIRS_LOW(t1, t3);
        b[i + 3] = V_ZIP_PAIRS_HIGH(t1, t3);
    }
    _Pragma("clang loop unroll(full)")
    for (int j = 0; j < 4; j++) {
        vi even_top = V_EVEN_QUARTERS(b[j], b[4 + j]), odd_top = V_ODD_QUARTERS(b[j], b[4 + j]);
        vi even_end = V_EVEN_QUARTERS(b[8 + j], b[12 + j]), odd_end = V_ODD_QUARTERS(b[8 + j], b[12 + j]);
        a[j] = V_EVEN_QUARTERS(even_top, even_end);
        a[4 + j] = V_EVEN_QUARTERS(odd_top, odd_end);
        a[8 + j] = V_ODD_QUARTERS(even_top, even_end);
        a[12 + j] = V_ODD_QUARTERS(odd_top, odd_end);
    }
}
#else
#if HONE_LANES == 8
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

HONE_INLINE void transpose_square(vi *a) {
    vi b[HONE_LANES];
    zip_rows(a, b);
    zip_rows(b, a);
#if HONE_LANES == 8
    zip_rows(a, b);
    memcpy(a, b, sizeof b);
#endif
}
#endif

HONE_INLINE void transpose_tile(const uint32_t *x, ptrdiff_t x_step, uint32_t *y, ptrdiff_t y_step) {
    vi a[HONE_LANES];
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < HONE_LANES; i++) {
        a[i] = vi_load(x + i * x_step);
    }
    transpose_square(a);
    _Pragma("clang loop unroll(full)")
    for (int i = 0; i < HONE_LANES; i++) {
        vi_store(y + i * y_step, a[i]);
    }
}

/// The words of a cache line: squares of that side use up the lines that they touch.
#define HONE_LINE 16

/// The side of the squares in which a matrix is walked, so that both sides of the transpose are read and written in
/// stretches.
#define HONE_SQUARE 64

HONE_INLINE void transpose_line_square(const uint32_t *x, ptrdiff_t x_step, uint32_t *y, ptrdiff_t y_step) {
    for (int column = 0; column < HONE_LINE; column += HONE_LANES) {
        for (int row = 0; row < HONE_LINE; row += HONE_LANES) {
            transpose_tile(x + row * x_step + column, x_step, y + column * y_step + row, y_step);
        }
    }
}

static void transpose_edge(const uint32_t *x, ptrdiff_t x_step, uint32_t *y, ptrdiff_t y_step, size_t rows,
                           size_t columns) {
    for (size_t column = 0; column < columns; column++) {
        for (size_t row = 0; row < rows; row++) {
            y[(ptrdiff_t)column * y_step + (ptrdiff_t)row] = x[(ptrdiff_t)row * x_step + (ptrdiff_t)column];
        }
    }
}

static void transpose(const uint32_t *x, ptrdiff_t x_step, uint32_t *y, ptrdiff_t y_step, size_t rows,
                      size_t columns) {
    for (size_t top = 0; top < rows; top += HONE_SQUARE) {
        size_t end = rows - top < HONE_SQUARE ? rows : top + HONE_SQUARE;
        for (size_t column = 0; column < columns; column += HONE_LINE) {
            size_t width = columns - column < HONE_LINE ? columns - column : HONE_LINE;
            for (size_t row = top; row < end; row += HONE_LINE) {
                size_t height = end - row < HONE_LINE ? end - row : HONE_LINE;
                const uint32_t *from = x + (ptrdiff_t)row * x_step + (ptrdiff_t)column;
                uint32_t *to = y + (ptrdiff_t)column * y_step + (ptrdiff_t)row;
                if (width == HONE_LINE && height == HONE_LINE) {
                    transpose_line_square(from, x_step, to, y_step);
                } else {
                    transpose_edge(from, x_step, to, y_step, height, width);
                }
            }
        }
    }
}

const hone_layout_kernels HONE_VARIANT(hone_layout) = {.transpose = transpose};
