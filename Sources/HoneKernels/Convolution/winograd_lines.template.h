// The transforms of one line, a row or a column of a tile, for stride 1: F(4, 3). winograd.c says what they are for.
// They work on vectors of channels, so that they are plain sums. Included once per instruction set.
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
