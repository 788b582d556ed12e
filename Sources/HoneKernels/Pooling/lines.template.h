// Rows of a plane taken apart by phases of the stride, and put together again.
#include "../VectorMath/loops.h"
#include "../VectorMath/rows.h"
#include "kernels.h"

// The lanes of even and of odd number of a and b; and a and b, lane by lane in turns.
#if HONE_LANES == 16
#define V_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define V_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif HONE_LANES == 8
#define V_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define V_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define V_EVEN(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define V_ODD(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

/// Columns 0, 2, 4 … of `pairs` (1 to HONE_LANES) pairs, and 1, 3, 5 ….
HONE_INLINE void load_pairs(const float *x, size_t pairs, vf *even, vf *odd) {
    vf a, b = v_splat(0.0f);
    if (pairs == HONE_LANES) {
        a = v_load(x);
        b = v_load(x + HONE_LANES);
    } else if (2 * pairs > HONE_LANES) {
        a = v_load(x);
        b = v_load_part(x + HONE_LANES, 2 * pairs - HONE_LANES);
    } else {
        a = v_load_part(x, 2 * pairs);
    }
    *even = V_EVEN(a, b);
    *odd = V_ODD(a, b);
}

HONE_INLINE void store_pairs(float *x, size_t pairs, vf even, vf odd, bool accumulate) {
    vf a = V_ZIP_LOW(even, odd), b = V_ZIP_HIGH(even, odd);
    if (pairs == HONE_LANES) {
        v_store(x, accumulate ? v_load(x) + a : a);
        v_store(x + HONE_LANES, accumulate ? v_load(x + HONE_LANES) + b : b);
        return;
    }
    size_t low = 2 * pairs < HONE_LANES ? 2 * pairs : HONE_LANES, high = 2 * pairs - low;
    v_store_part(x, accumulate ? v_load_part(x, low) + a : a, low);
    if (high) {
        v_store_part(x + HONE_LANES, accumulate ? v_load_part(x + HONE_LANES, high) + b : b, high);
    }
}

/// Copies a row of the plane to its phases; the padding is there already.
HONE_INLINE void take_apart(const hone_pooling_plan *plan, const float *x, float *line) {
    size_t stride = plan->p.stride_width, pad = plan->p.pad_width, taken = plan->phases.taken;
    size_t length = plan->phases.length;
    if (stride == 1) {
        memcpy(line + pad, x, taken * sizeof *x);
    } else if (stride == 2) {
        float *even = line + pad % 2 * length + pad / 2, *odd = line + (pad + 1) % 2 * length + (pad + 1) / 2;
        for (size_t i = 0; i < taken / 2; i += HONE_LANES) {
            size_t left = taken / 2 - i, count = left < HONE_LANES ? left : HONE_LANES;
            vf a, b;
            load_pairs(x + 2 * i, count, &a, &b);
            if (count == HONE_LANES) {
                v_store(even + i, a);
                v_store(odd + i, b);
            } else {
                v_store_part(even + i, a, count);
                v_store_part(odd + i, b, count);
            }
        }
        if (taken % 2) {
            even[taken / 2] = x[taken - 1];
        }
    } else {
        size_t phase = pad % stride, slot = pad / stride;
        for (size_t i = 0; i < taken; i++) {
            line[phase * length + slot] = x[i];
            if (++phase == stride) {
                phase = 0;
                slot++;
            }
        }
    }
}

/// The other way round; what no window reaches is 0.
HONE_INLINE void put_together(const hone_pooling_plan *plan, const float *line, float *x) {
    size_t stride = plan->p.stride_width, pad = plan->p.pad_width, taken = plan->phases.taken;
    size_t length = plan->phases.length;
    if (stride == 1) {
        memcpy(x, line + pad, taken * sizeof *x);
    } else if (stride == 2) {
        const float *even = line + pad % 2 * length + pad / 2, *odd = line + (pad + 1) % 2 * length + (pad + 1) / 2;
        for (size_t i = 0; i < taken / 2; i += HONE_LANES) {
            size_t left = taken / 2 - i, count = left < HONE_LANES ? left : HONE_LANES;
            vf a = count == HONE_LANES ? v_load(even + i) : v_load_part(even + i, count);
            vf b = count == HONE_LANES ? v_load(odd + i) : v_load_part(odd + i, count);
            store_pairs(x + 2 * i, count, a, b, false);
        }
        if (taken % 2) {
            x[taken - 1] = even[taken / 2];
        }
    } else {
        size_t phase = pad % stride, slot = pad / stride;
        for (size_t i = 0; i < taken; i++) {
            x[i] = line[phase * length + slot];
            if (++phase == stride) {
                phase = 0;
                slot++;
            }
        }
    }
    memset(x + taken, 0, (plan->p.width - taken) * sizeof *x);
}

/// The rows begin ..< end of a plane, as far as window `index` reaches into it.
typedef struct row_span {
    size_t begin, end;
} row_span;

HONE_INLINE row_span rows_of(const hone_pooling *p, size_t index) {
    size_t top = index * p->stride_height, bottom = top + p->kernel_height;
    row_span rows;
    rows.end = bottom > p->pad_height ? bottom - p->pad_height : 0;
    rows.end = rows.end < p->height ? rows.end : p->height;
    rows.begin = top > p->pad_height ? top - p->pad_height : 0;
    rows.begin = rows.begin < rows.end ? rows.begin : rows.end;
    return rows;
}

/// line = the sum of some rows of a plane.
HONE_INLINE void add_rows(const float *x, row_span rows, size_t width, float *line) {
    if (rows.begin == rows.end) {
        memset(line, 0, width * sizeof *line);
        return;
    }
    x += rows.begin * width;
    if (rows.end - rows.begin >= 2) {
        const float *next = x + width;
        HONE_LOOP(width, { HONE_STORE(line, HONE_LOAD(x) + HONE_LOAD(next)); });
    } else {
        memcpy(line, x, width * sizeof *line);
    }
    for (size_t row = rows.begin + 2; row < rows.end; row++) {
        const float *next = x + (row - rows.begin) * width;
        HONE_LOOP(width, { HONE_STORE(line, HONE_LOAD(line) + HONE_LOAD(next)); });
    }
}

/// Gives a line to some rows of a gradient, of which those from `*fresh` on have not been written yet.
HONE_INLINE void spread_line(const float *line, row_span rows, size_t width, float *dx, size_t *fresh) {
    if (*fresh < rows.begin) {
        memset(dx + *fresh * width, 0, (rows.begin - *fresh) * width * sizeof *dx);
        *fresh = rows.begin;
    }
    for (size_t row = rows.begin; row < rows.end; row++) {
        float *to = dx + row * width;
        if (row == *fresh) {
            memcpy(to, line, width * sizeof *to);
            ++*fresh;
        } else {
            HONE_LOOP(width, { HONE_STORE(to, HONE_LOAD(to) + HONE_LOAD(line)); });
        }
    }
}

/// Clears the rows that nothing was given to.
HONE_INLINE void clear_fresh(float *dx, size_t fresh, size_t height, size_t width) {
    if (fresh < height) {
        memset(dx + fresh * width, 0, (height - fresh) * width * sizeof *dx);
    }
}

/// Clears the column beside windows of 2 x 2, in the two rows from `to` on, if there is one.
HONE_INLINE void clear_beside_pairs(const hone_pooling *p, float *to) {
    for (size_t column = 2 * p->out_width; column < p->width; column++) {
        to[column] = to[p->width + column] = 0;
    }
}
