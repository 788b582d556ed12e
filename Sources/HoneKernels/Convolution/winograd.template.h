// Winograd's transforms of whole tiles: those of a line, first over columns and then over rows. Included once per
// instruction set.
#define HONE_MULADD(scale, x, y) HONE_FMA((scale) - (HONE_F){0}, x, y)
#include "winograd_lines.template.h"
#include "winograd_strided.template.h"
#undef HONE_MULADD

/// A line of points of a line of elements or the reverse. All are constants where they are passed on.
typedef void (*HONE_NAME(line))(const HONE_F *from, HONE_F *to);

/// Tiles of `size` x `size` elements, `step` apart, to `axis` x `axis` points.
HONE_INLINE void HONE_NAME(to_points)(HONE_NAME(line) line, const int size, const int step, const int axis,
                                      const float *stage, size_t row, size_t tiles, float *to, size_t stride) {
    for (size_t t = 0; t < tiles; t++, stage += step * HONE_LANES, to += HONE_LANES) {
        HONE_F columns[winograd_most_axis][winograd_most_axis], values[winograd_most_axis], points[winograd_most_axis];
        HONE_UNROLL for (int j = 0; j < size; j++) {
            HONE_UNROLL for (int i = 0; i < size; i++) {
                values[i] = *(const HONE_F *)(stage + (size_t)i * row + j * HONE_LANES);
            }
            line(values, columns[j]);
        }
        HONE_UNROLL for (int i = 0; i < axis; i++) {
            HONE_UNROLL for (int j = 0; j < size; j++) values[j] = columns[j][i];
            line(values, points);
            HONE_UNROLL for (int j = 0; j < axis; j++) *(HONE_F *)(to + (size_t)(axis * i + j) * stride) = points[j];
        }
    }
}

/// The points of tiles to `size` x `size` elements.
HONE_INLINE void HONE_NAME(from_points)(HONE_NAME(line) line, const int axis, const int size, const float *from,
                                        size_t stride, const float *bias, bool relu, size_t tiles, float *stage,
                                        size_t row) {
    HONE_F shift = bias ? *(const HONE_F *)bias : (HONE_F){0};
    for (size_t t = 0; t < tiles; t++, stage += size * HONE_LANES, from += HONE_LANES) {
        HONE_F columns[winograd_most_axis][winograd_most_axis], values[winograd_most_axis], out[winograd_most_axis];
        HONE_UNROLL for (int j = 0; j < axis; j++) {
            HONE_UNROLL for (int i = 0; i < axis; i++) {
                values[i] = *(const HONE_F *)(from + (size_t)(axis * i + j) * stride);
            }
            line(values, columns[j]);
        }
        HONE_UNROLL for (int i = 0; i < size; i++) {
            HONE_UNROLL for (int j = 0; j < axis; j++) values[j] = columns[j][i];
            line(values, out);
            HONE_UNROLL for (int j = 0; j < size; j++) {
                HONE_F value = out[j] + shift;
                *(HONE_F *)(stage + (size_t)i * row + j * HONE_LANES) = relu ? HONE_NAME(relu)(value) : value;
            }
        }
    }
}

HONE_INLINE void HONE_NAME(taps_to_points)(HONE_NAME(line) line, const winograd_weights *job) {
    HONE_F taps[conv_round_9(HONE_LANES)], rows[3][6], values[3], points[6];
    HONE_UNROLL for (size_t part = 0; part < 9; part += HONE_LANES) {
        size_t count = 9 - part < HONE_LANES ? 9 - part : HONE_LANES;
        HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
            bool used = i < job->lanes;
            taps[part + i] = used ? HONE_NAME(load_part)(job->from + i * job->lane_stride + part, count) : (HONE_F){0};
        }
        HONE_NAME(transpose)(taps + part);
    }
    HONE_UNROLL for (int i = 0; i < 3; i++) {
        HONE_UNROLL for (int j = 0; j < 3; j++) values[j] = job->flip ? taps[8 - 3 * i - j] : taps[3 * i + j];
        line(values, rows[i]);
    }
    HONE_UNROLL for (int j = 0; j < 6; j++) {
        HONE_UNROLL for (int i = 0; i < 3; i++) values[i] = rows[i][j];
        line(values, points);
        HONE_UNROLL for (int i = 0; i < 6; i++) *(HONE_F *)(job->to + (size_t)(6 * i + j) * job->stride) = points[i];
    }
}

HONE_INLINE void HONE_NAME(taps_from_points)(HONE_NAME(line) line, const float *from, size_t stride, size_t lanes,
                                             float *to, size_t lane_stride, bool accumulate) {
    HONE_F taps[conv_round_9(HONE_LANES)], columns[6][3], values[6], out[3];
    HONE_UNROLL for (int j = 0; j < 6; j++) {
        HONE_UNROLL for (int i = 0; i < 6; i++) values[i] = *(const HONE_F *)(from + (size_t)(6 * i + j) * stride);
        line(values, columns[j]);
    }
    HONE_UNROLL for (int i = 0; i < 3; i++) {
        HONE_UNROLL for (int j = 0; j < 6; j++) values[j] = columns[j][i];
        line(values, out);
        HONE_UNROLL for (int j = 0; j < 3; j++) taps[3 * i + j] = out[j];
    }
    HONE_UNROLL for (size_t i = 9; i < sizeof taps / sizeof *taps; i++) taps[i] = (HONE_F){0};
    HONE_UNROLL for (size_t part = 0; part < 9; part += HONE_LANES) {
        size_t count = 9 - part < HONE_LANES ? 9 - part : HONE_LANES;
        HONE_NAME(transpose)(taps + part);
        for (size_t i = 0; i < lanes; i++) {
            HONE_NAME(put_part)(to + i * lane_stride + part, taps[part + i], count, accumulate);
        }
    }
}

/// As to_points for stride 1, but neighbours share the two columns in which they overlap.
static void HONE_NAME(dense_input)(const float *stage, size_t row, size_t tiles, float *to, size_t stride) {
    HONE_F columns[6][6], values[6], points[6];  // columns[j]: column j of the tile, transformed
    HONE_UNROLL for (int j = 0; j < 2; j++) {
        HONE_UNROLL for (int i = 0; i < 6; i++) values[i] = *(const HONE_F *)(stage + (size_t)i * row + j * HONE_LANES);
        HONE_NAME(input_line)(values, columns[4 + j]);
    }
    for (size_t t = 0; t < tiles; t++, stage += 4 * HONE_LANES, to += HONE_LANES) {
        HONE_UNROLL for (int i = 0; i < 6; i++) {
            columns[0][i] = columns[4][i];
            columns[1][i] = columns[5][i];
        }
        HONE_UNROLL for (int j = 2; j < 6; j++) {
            HONE_UNROLL for (int i = 0; i < 6; i++) {
                values[i] = *(const HONE_F *)(stage + (size_t)i * row + j * HONE_LANES);
            }
            HONE_NAME(input_line)(values, columns[j]);
        }
        HONE_UNROLL for (int i = 0; i < 6; i++) {
            HONE_UNROLL for (int j = 0; j < 6; j++) values[j] = columns[j][i];
            HONE_NAME(input_line)(values, points);
            HONE_UNROLL for (int j = 0; j < 6; j++) *(HONE_F *)(to + (size_t)(6 * i + j) * stride) = points[j];
        }
    }
}

#define HONE_TO_POINTS(name, line, size, step, axis)                                                                   \
    static void HONE_NAME(name)(const float *stage, size_t row, size_t tiles, float *to, size_t stride) {              \
        HONE_NAME(to_points)(HONE_NAME(line), size, step, axis, stage, row, tiles, to, stride);                        \
    }
#define HONE_FROM_POINTS(name, line, axis, size)                                                                       \
    static void HONE_NAME(name)(const float *from, size_t stride, const float *bias, bool relu, size_t tiles,          \
                                float *stage, size_t row) {                                                            \
        HONE_NAME(from_points)(HONE_NAME(line), axis, size, from, stride, bias, relu, tiles, stage, row);              \
    }
#define HONE_WEIGHTS(name, line)                                                                                       \
    static void HONE_NAME(name)(const winograd_weights *job) { HONE_NAME(taps_to_points)(HONE_NAME(line), job); }
#define HONE_WEIGHTS_GRADIENT(name, line)                                                                              \
    static void HONE_NAME(name)(const float *from, size_t stride, size_t lanes, float *to, size_t lane_stride,         \
                                bool accumulate) {                                                                     \
        HONE_NAME(taps_from_points)(HONE_NAME(line), from, stride, lanes, to, lane_stride, accumulate);                \
    }

HONE_FROM_POINTS(dense_output, output_line, 6, 4)
HONE_TO_POINTS(dense_output_gradient, output_gradient_line, 4, 4, 6)
HONE_WEIGHTS(dense_weights, weights_line)
HONE_WEIGHTS_GRADIENT(dense_weights_gradient, weights_gradient_line)
HONE_TO_POINTS(strided_input, strided_input_line, 9, 8, 9)
HONE_FROM_POINTS(strided_output, strided_output_line, 9, 4)
HONE_TO_POINTS(strided_output_gradient, strided_output_gradient_line, 4, 4, 9)
HONE_WEIGHTS(strided_weights, strided_weights_line)
HONE_WEIGHTS_GRADIENT(strided_weights_gradient, strided_weights_gradient_line)
HONE_TO_POINTS(spread_input, spread_input_line, 5, 4, 9)
HONE_FROM_POINTS(spread_output, spread_output_line, 9, 8)

#define HONE_WINOGRAD_TABLE                                                                                            \
    {                                                                                                                  \
        [WINOGRAD_DENSE] = {.axis = 6, .in_size = 6, .in_step = 4, .out_step = 4,                                      \
                            .input = HONE_NAME(dense_input),                                                           \
                            .output = HONE_NAME(dense_output),                                                         \
                            .weights = HONE_NAME(dense_weights),                                                       \
                            .output_gradient = HONE_NAME(dense_output_gradient),                                       \
                            .weights_gradient = HONE_NAME(dense_weights_gradient)},                                    \
        [WINOGRAD_STRIDED] = {.axis = 9, .in_size = 9, .in_step = 8, .out_step = 4,                                    \
                              .input = HONE_NAME(strided_input),                                                       \
                              .output = HONE_NAME(strided_output),                                                     \
                              .weights = HONE_NAME(strided_weights),                                                   \
                              .output_gradient = HONE_NAME(strided_output_gradient),                                   \
                              .weights_gradient = HONE_NAME(strided_weights_gradient)},                                \
        [WINOGRAD_SPREAD] = {.axis = 9, .in_size = 5, .in_step = 4, .out_step = 8,                                     \
                             .input = HONE_NAME(spread_input),                                                         \
                             .output = HONE_NAME(spread_output),                                                       \
                             .weights = HONE_NAME(strided_weights)},                                                   \
    }

#undef HONE_TO_POINTS
#undef HONE_FROM_POINTS
#undef HONE_WEIGHTS
#undef HONE_WEIGHTS_GRADIENT
