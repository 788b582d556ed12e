// The transforms of F(4 x 4, 3 x 3); winograd.c says what they are for. Each works on vectors of channels, so that they
// are plain sums. Included once per instruction set.
//
// The points are 0, P, -P, Q, -Q and infinity. Lavin and Gray take P = 1, Q = 2; see winograd.c for this choice.
#define HONE_P ((float)WINOGRAD_P)
#define HONE_Q ((float)WINOGRAD_Q)
#define HONE_P2 ((float)(WINOGRAD_P * WINOGRAD_P))
#define HONE_Q2 ((float)(WINOGRAD_Q * WINOGRAD_Q))
#define HONE_P3 ((float)(WINOGRAD_P * WINOGRAD_P * WINOGRAD_P))
#define HONE_Q3 ((float)(WINOGRAD_Q * WINOGRAD_Q * WINOGRAD_Q))
#define HONE_P2_Q2 ((float)(WINOGRAD_P * WINOGRAD_P * WINOGRAD_Q * WINOGRAD_Q))
#define HONE_P2_PLUS_Q2 ((float)(WINOGRAD_P * WINOGRAD_P + WINOGRAD_Q * WINOGRAD_Q))
// The reciprocals of the products of a point's distances from the other finite points.
#define HONE_N0 ((float)(1 / (WINOGRAD_P * WINOGRAD_P * WINOGRAD_Q * WINOGRAD_Q)))
#define HONE_NP ((float)(0.5 / (WINOGRAD_P * WINOGRAD_P * (WINOGRAD_P * WINOGRAD_P - WINOGRAD_Q * WINOGRAD_Q))))
#define HONE_NQ ((float)(0.5 / (WINOGRAD_Q * WINOGRAD_Q * (WINOGRAD_Q * WINOGRAD_Q - WINOGRAD_P * WINOGRAD_P))))
#define HONE_MULADD(scale, x, y) HONE_FMA((scale) - (HONE_F){0}, x, y)

/// B^T d: six elements of a row or column of the input.
HONE_INLINE void HONE_NAME(input_line)(const HONE_F d[6], HONE_F out[6]) {
    HONE_F even_p = HONE_MULADD(-HONE_Q2, d[2], d[4]), odd_p = HONE_MULADD(-HONE_Q2, d[1], d[3]);
    HONE_F even_q = HONE_MULADD(-HONE_P2, d[2], d[4]), odd_q = HONE_MULADD(-HONE_P2, d[1], d[3]);
    out[0] = HONE_MULADD(HONE_P2_Q2, d[0], HONE_MULADD(-HONE_P2_PLUS_Q2, d[2], d[4]));
    out[1] = HONE_MULADD(HONE_P, odd_p, even_p);
    out[2] = HONE_MULADD(-HONE_P, odd_p, even_p);
    out[3] = HONE_MULADD(HONE_Q, odd_q, even_q);
    out[4] = HONE_MULADD(-HONE_Q, odd_q, even_q);
    out[5] = HONE_MULADD(HONE_P2_Q2, d[1], HONE_MULADD(-HONE_P2_PLUS_Q2, d[3], d[5]));
}

/// A^T m: four outputs of six points.
HONE_INLINE void HONE_NAME(output_line)(const HONE_F m[6], HONE_F out[4]) {
    HONE_F sum_p = m[1] + m[2], sum_q = m[3] + m[4], difference_p = m[1] - m[2], difference_q = m[3] - m[4];
    out[0] = m[0] + sum_p + sum_q;
    out[1] = HONE_MULADD(HONE_P, difference_p, HONE_Q * difference_q);
    out[2] = HONE_MULADD(HONE_P2, sum_p, HONE_Q2 * sum_q);
    out[3] = HONE_MULADD(HONE_P3, difference_p, HONE_MULADD(HONE_Q3, difference_q, m[5]));
}

/// A y: six points of four outputs' gradients.
HONE_INLINE void HONE_NAME(output_gradient_line)(const HONE_F y[4], HONE_F out[6]) {
    HONE_F even_p = HONE_MULADD(HONE_P2, y[2], y[0]), odd_p = HONE_MULADD(HONE_P2, y[3], y[1]);
    HONE_F even_q = HONE_MULADD(HONE_Q2, y[2], y[0]), odd_q = HONE_MULADD(HONE_Q2, y[3], y[1]);
    out[0] = y[0];
    out[1] = HONE_MULADD(HONE_P, odd_p, even_p);
    out[2] = HONE_MULADD(-HONE_P, odd_p, even_p);
    out[3] = HONE_MULADD(HONE_Q, odd_q, even_q);
    out[4] = HONE_MULADD(-HONE_Q, odd_q, even_q);
    out[5] = y[3];
}

/// G g: six points of three weights.
HONE_INLINE void HONE_NAME(weights_line)(const HONE_F g[3], HONE_F out[6]) {
    HONE_F even_p = HONE_NP * HONE_MULADD(HONE_P2, g[2], g[0]), odd_p = HONE_NP * HONE_P * g[1];
    HONE_F even_q = HONE_NQ * HONE_MULADD(HONE_Q2, g[2], g[0]), odd_q = HONE_NQ * HONE_Q * g[1];
    out[0] = HONE_N0 * g[0];
    out[1] = even_p + odd_p;
    out[2] = even_p - odd_p;
    out[3] = even_q + odd_q;
    out[4] = even_q - odd_q;
    out[5] = g[2];
}

/// G^T u: three weights' gradients of six points.
HONE_INLINE void HONE_NAME(weights_gradient_line)(const HONE_F u[6], HONE_F out[3]) {
    HONE_F sum_p = HONE_NP * (u[1] + u[2]), sum_q = HONE_NQ * (u[3] + u[4]);
    HONE_F difference_p = HONE_NP * (u[1] - u[2]), difference_q = HONE_NQ * (u[3] - u[4]);
    out[0] = HONE_MULADD(HONE_N0, u[0], sum_p + sum_q);
    out[1] = HONE_MULADD(HONE_P, difference_p, HONE_Q * difference_q);
    out[2] = HONE_MULADD(HONE_P2, sum_p, HONE_MULADD(HONE_Q2, sum_q, u[5]));
}

static void HONE_NAME(winograd_input)(const float *stage, size_t row, size_t tiles, float *to, size_t stride) {
    HONE_F columns[6][6], line[6], points[6];  // columns[j]: column j of the tile, transformed
    HONE_UNROLL for (int j = 0; j < 2; j++) {
        HONE_UNROLL for (int i = 0; i < 6; i++) line[i] = *(const HONE_F *)(stage + (size_t)i * row + j * HONE_LANES);
        HONE_NAME(input_line)(line, columns[4 + j]);
    }
    for (size_t t = 0; t < tiles; t++, stage += 4 * HONE_LANES, to += HONE_LANES) {
        // Neighbours share two columns.
        HONE_UNROLL for (int i = 0; i < 6; i++) {
            columns[0][i] = columns[4][i];
            columns[1][i] = columns[5][i];
        }
        HONE_UNROLL for (int j = 2; j < 6; j++) {
            HONE_UNROLL for (int i = 0; i < 6; i++) line[i] = *(const HONE_F *)(stage + (size_t)i * row + j * HONE_LANES);
            HONE_NAME(input_line)(line, columns[j]);
        }
        HONE_UNROLL for (int i = 0; i < 6; i++) {
            HONE_UNROLL for (int j = 0; j < 6; j++) line[j] = columns[j][i];
            HONE_NAME(input_line)(line, points);
            HONE_UNROLL for (int j = 0; j < 6; j++) *(HONE_F *)(to + (size_t)(6 * i + j) * stride) = points[j];
        }
    }
}

static void HONE_NAME(winograd_output)(const float *from, size_t stride, const float *bias, bool relu, size_t tiles,
                                       float *stage, size_t row) {
    HONE_F shift = bias ? *(const HONE_F *)bias : (HONE_F){0};
    for (size_t t = 0; t < tiles; t++, stage += 4 * HONE_LANES, from += HONE_LANES) {
        HONE_F columns[6][4], line[6], out[4];
        HONE_UNROLL for (int j = 0; j < 6; j++) {
            HONE_UNROLL for (int i = 0; i < 6; i++) line[i] = *(const HONE_F *)(from + (size_t)(6 * i + j) * stride);
            HONE_NAME(output_line)(line, columns[j]);
        }
        HONE_UNROLL for (int i = 0; i < 4; i++) {
            HONE_UNROLL for (int j = 0; j < 6; j++) line[j] = columns[j][i];
            HONE_NAME(output_line)(line, out);
            HONE_UNROLL for (int j = 0; j < 4; j++) {
                HONE_F value = out[j] + shift;
                *(HONE_F *)(stage + (size_t)i * row + j * HONE_LANES) = relu ? HONE_NAME(relu)(value) : value;
            }
        }
    }
}

static void HONE_NAME(winograd_output_gradient)(const float *stage, size_t row, size_t tiles, float *to, size_t stride) {
    for (size_t t = 0; t < tiles; t++, stage += 4 * HONE_LANES, to += HONE_LANES) {
        HONE_F columns[4][6], line[4], points[6];
        HONE_UNROLL for (int j = 0; j < 4; j++) {
            HONE_UNROLL for (int i = 0; i < 4; i++) line[i] = *(const HONE_F *)(stage + (size_t)i * row + j * HONE_LANES);
            HONE_NAME(output_gradient_line)(line, columns[j]);
        }
        HONE_UNROLL for (int i = 0; i < 6; i++) {
            HONE_UNROLL for (int j = 0; j < 4; j++) line[j] = columns[j][i];
            HONE_NAME(output_gradient_line)(line, points);
            HONE_UNROLL for (int j = 0; j < 6; j++) *(HONE_F *)(to + (size_t)(6 * i + j) * stride) = points[j];
        }
    }
}

static void HONE_NAME(winograd_weights)(const winograd_weights *job) {
    HONE_F taps[conv_round_9(HONE_LANES)], rows[3][6], line[3], points[6];
    HONE_UNROLL for (size_t part = 0; part < 9; part += HONE_LANES) {
        size_t count = 9 - part < HONE_LANES ? 9 - part : HONE_LANES;
        HONE_UNROLL for (size_t i = 0; i < HONE_LANES; i++) {
            bool used = i < job->lanes;
            taps[part + i] = used ? HONE_NAME(load_part)(job->from + i * job->lane_stride + part, count) : (HONE_F){0};
        }
        HONE_NAME(transpose)(taps + part);
    }
    HONE_UNROLL for (int i = 0; i < 3; i++) {
        HONE_UNROLL for (int j = 0; j < 3; j++) line[j] = job->flip ? taps[8 - 3 * i - j] : taps[3 * i + j];
        HONE_NAME(weights_line)(line, rows[i]);
    }
    HONE_UNROLL for (int j = 0; j < 6; j++) {
        HONE_UNROLL for (int i = 0; i < 3; i++) line[i] = rows[i][j];
        HONE_NAME(weights_line)(line, points);
        HONE_UNROLL for (int i = 0; i < 6; i++) *(HONE_F *)(job->to + (size_t)(6 * i + j) * job->stride) = points[i];
    }
}

static void HONE_NAME(winograd_weights_gradient)(const float *from, size_t stride, size_t lanes, float *to,
                                                 size_t lane_stride, bool accumulate) {
    HONE_F taps[conv_round_9(HONE_LANES)], columns[6][3], line[6], out[3];
    HONE_UNROLL for (int j = 0; j < 6; j++) {
        HONE_UNROLL for (int i = 0; i < 6; i++) line[i] = *(const HONE_F *)(from + (size_t)(6 * i + j) * stride);
        HONE_NAME(weights_gradient_line)(line, columns[j]);
    }
    HONE_UNROLL for (int i = 0; i < 3; i++) {
        HONE_UNROLL for (int j = 0; j < 6; j++) line[j] = columns[j][i];
        HONE_NAME(weights_gradient_line)(line, out);
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

#undef HONE_P
#undef HONE_Q
#undef HONE_P2
#undef HONE_Q2
#undef HONE_P3
#undef HONE_Q3
#undef HONE_P2_Q2
#undef HONE_P2_PLUS_Q2
#undef HONE_N0
#undef HONE_NP
#undef HONE_NQ
#undef HONE_MULADD
