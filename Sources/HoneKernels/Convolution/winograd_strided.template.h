// The transforms of one line for stride 2. Its outputs are those of two convolutions with stride 1: of the even
// elements with the first and the last tap, by F(4, 2) with five points, and of the odd elements with the tap in the
// middle, which are four plain products. So a line has nine points; the last four share the sixth of the weights'
// points. Included once per instruction set.
//
// The five points are 0, 1, -1, R and infinity.
#define HONE_R ((float)WINOGRAD_R)
#define HONE_R2 ((float)(WINOGRAD_R * WINOGRAD_R))
#define HONE_R3 ((float)(WINOGRAD_R * WINOGRAD_R * WINOGRAD_R))
// The reciprocals of the products of a point's distances from the other finite points.
#define HONE_N0 ((float)(1 / WINOGRAD_R))
#define HONE_N1 ((float)(0.5 / (1 - WINOGRAD_R)))
#define HONE_N2 ((float)(-0.5 / (1 + WINOGRAD_R)))
#define HONE_NR ((float)(1 / (WINOGRAD_R * (WINOGRAD_R * WINOGRAD_R - 1))))

/// Five points of five elements.
HONE_INLINE void HONE_NAME(five_points)(const HONE_F d[5], HONE_F out[5]) {
    HONE_F low = HONE_MULADD(-HONE_R, d[0], d[1]), middle = HONE_MULADD(-HONE_R, d[1], d[2]);
    HONE_F high = HONE_MULADD(-HONE_R, d[2], d[3]);
    out[0] = high - low;
    out[1] = high + middle;
    out[2] = high - middle;
    out[3] = d[3] - d[1];
    out[4] = HONE_MULADD(-HONE_R, d[3], d[4]) - middle;
}

/// Four outputs of five points.
HONE_INLINE void HONE_NAME(four_outputs)(const HONE_F m[5], HONE_F out[4]) {
    HONE_F sum = m[1] + m[2], difference = m[1] - m[2];
    out[0] = m[0] + sum + m[3];
    out[1] = HONE_MULADD(HONE_R, m[3], difference);
    out[2] = HONE_MULADD(HONE_R2, m[3], sum);
    out[3] = HONE_MULADD(HONE_R3, m[3], difference) + m[4];
}

/// Elements 0 to 8 of x.
HONE_INLINE void HONE_NAME(strided_input_line)(const HONE_F d[9], HONE_F out[9]) {
    const HONE_F even[5] = {d[0], d[2], d[4], d[6], d[8]};
    HONE_NAME(five_points)(even, out);
    HONE_UNROLL for (int i = 0; i < 4; i++) out[5 + i] = d[2 * i + 1];
}

HONE_INLINE void HONE_NAME(strided_output_line)(const HONE_F m[9], HONE_F out[4]) {
    HONE_NAME(four_outputs)(m, out);
    HONE_UNROLL for (int i = 0; i < 4; i++) out[i] += m[5 + i];
}

HONE_INLINE void HONE_NAME(strided_output_gradient_line)(const HONE_F y[4], HONE_F out[9]) {
    HONE_F even = y[0] + y[2], odd = y[1] + y[3];
    out[0] = y[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = HONE_MULADD(HONE_R3, y[3], HONE_MULADD(HONE_R2, y[2], HONE_MULADD(HONE_R, y[1], y[0])));
    out[4] = y[3];
    HONE_UNROLL for (int i = 0; i < 4; i++) out[5 + i] = y[i];
}

// The gradient of x is spread: with x's elements counted from the first one's left neighbour but for the padding, those
// of odd number get the middle tap of one dy each, and those of even number the other taps of two.

/// Elements 0 to 4 of dy.
HONE_INLINE void HONE_NAME(spread_input_line)(const HONE_F d[5], HONE_F out[9]) {
    HONE_NAME(five_points)(d, out);
    HONE_UNROLL for (int i = 0; i < 4; i++) out[5 + i] = d[i];
}

HONE_INLINE void HONE_NAME(spread_output_line)(const HONE_F m[9], HONE_F out[8]) {
    HONE_F even[4];
    HONE_NAME(four_outputs)(m, even);
    HONE_UNROLL for (int i = 0; i < 4; i++) {
        out[2 * i] = m[5 + i];
        out[2 * i + 1] = even[i];
    }
}

HONE_INLINE void HONE_NAME(strided_weights_line)(const HONE_F g[3], HONE_F out[6]) {
    out[0] = HONE_N0 * g[0];
    out[1] = HONE_N1 * (g[0] + g[2]);
    out[2] = HONE_N2 * (g[0] - g[2]);
    out[3] = HONE_NR * HONE_MULADD(HONE_R, g[2], g[0]);
    out[4] = g[2];
    out[5] = g[1];
}

HONE_INLINE void HONE_NAME(strided_weights_gradient_line)(const HONE_F u[6], HONE_F out[3]) {
    HONE_F plus = HONE_N1 * u[1], minus = HONE_N2 * u[2], last = HONE_NR * u[3];
    out[0] = HONE_MULADD(HONE_N0, u[0], plus + minus) + last;
    out[1] = u[5];
    out[2] = HONE_MULADD(HONE_R, last, plus - minus) + u[4];
}

#undef HONE_R
#undef HONE_R2
#undef HONE_R3
#undef HONE_N0
#undef HONE_N1
#undef HONE_N2
#undef HONE_NR
