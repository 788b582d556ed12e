// erf, the GELU family, and pow.
//
// Largest errors in units of the last place: erf 1.39; pow, which is done in double precision, 0.51.
#ifndef HONE_SPECIAL_H
#define HONE_SPECIAL_H

#include "exponential.h"

/// The complement 1 - erf(a) for a >= 0.99.
HONE_INLINE vf v_erfc_of_large(vf a) {
    a = v_smaller(a, v_splat(4.0f));  // erf is 1 there.
    vf p = v_fma(v_splat(0x1.87b19cp-13f), a, v_splat(-0x1.82e7a6p-9f));
    p = v_fma(p, a, v_splat(0x1.661796p-6f));
    p = v_fma(p, a, v_splat(-0x1.a67e46p-4f));
    p = v_fma(p, a, v_splat(-0x1.46b43ap-1f));
    p = v_fma(p, a, v_splat(-0x1.208b18p+0f));
    p = v_fma(p, a, v_splat(-0x1.5ce1aep-12f));
    return v_exp_flushed(p);
}

HONE_INLINE vf v_erf(vf x) {
    vf a = v_abs(x);
    vf z = x * x;
    vf p = v_fma(v_splat(0x1.496a38p-14f), z, v_splat(-0x1.a3f702p-11f));
    p = v_fma(p, z, v_splat(0x1.5405b2p-8f));
    p = v_fma(p, z, v_splat(-0x1.b7f90ep-6f));
    p = v_fma(p, z, v_splat(0x1.ce2cf8p-4f));
    p = v_fma(p, z, v_splat(-0x1.81273ep-2f));
    // The leading coefficient, 2 / sqrt(pi), in two parts: 1, and what is missing.
    p = v_fma(p, z, v_splat(0x1.06eba8p-3f));
    vf near = v_fma(x, p, x);
    vf far = v_with_sign(1.0f - v_erfc_of_large(a), x);
    vf y = a < 1.0f ? near : far;
    return x == x ? y : x;
}

typedef struct normal_tail {
    vf power;  ///< e^(-x^2 / 2)
    vf tail;  ///< The normal distribution's tail beyond |x|.
} normal_tail;

/// The tail is e^(-a^2 / 2) times a polynomial in t = 1 / (1 + 0.27 a), fitted for a = 0 ... 14.5; beyond, it is 0.
HONE_INLINE normal_tail v_normal_tail(vf x) {
    vf a = v_abs(x);
    vf t = 1.0f / v_fma(a, v_splat(0.27f), v_splat(1.0f));
    vf p = v_fma(v_splat(0x1.da7f92p-6f), t, v_splat(-0x1.030afap-3f));
    p = v_fma(p, t, v_splat(0x1.5bb8c6p-3f));
    p = v_fma(p, t, v_splat(-0x1.1b7ca2p-4f));
    p = v_fma(p, t, v_splat(0x1.b9a752p-4f));
    p = v_fma(p, t, v_splat(0x1.271d80p-4f));
    p = v_fma(p, t, v_splat(0x1.a1042ap-4f));
    p = v_fma(p, t, v_splat(0x1.b87ee0p-4f));
    p = v_fma(p, t, v_splat(0x1.b9394cp-4f));
    normal_tail n;
    n.power = v_exp_flushed(x * x * -0.5f);
    n.tail = n.power * (p * t);
    return n;
}

/// A function's value and its slope, which share their work.
typedef struct sloped {
    vf value, slope;
} sloped;

/// x times the distribution function: the positive part of x, less |x| times the tail.
HONE_INLINE sloped v_gelu(vf x) {
    normal_tail n = v_normal_tail(x);
    vf distribution = x < 0.0f ? n.tail : 1.0f - n.tail;
    return (sloped){
        .value = v_fma(-v_abs(x), n.tail, v_larger(v_splat(0.0f), x)),
        .slope = v_fma(x * 0x1.988454p-2f, n.power, distribution),  // 1 / sqrt(2 pi)
    };
}

#define V_GELU_SCALE 0x1.988454p-1f  // sqrt(2 / pi)
#define V_GELU_CUBIC 0x1.6e4e26p-5f  // 0.044715

/// x (1 + tanh u) / 2 = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3).
HONE_INLINE sloped v_gelu_tanh(vf x) {
    vf square = x * x;
    vf u = V_GELU_SCALE * v_fma(square * x, v_splat(V_GELU_CUBIC), x);
    vf s = v_sigmoid(u + u);
    vf slope = 2.0f * V_GELU_SCALE * v_fma(square, v_splat(3.0f * V_GELU_CUBIC), v_splat(1.0f));
    return (sloped){.value = x * s, .slope = v_fma(x * s * (1.0f - s), slope, s)};
}

HONE_INLINE sloped v_silu(vf x) {
    vf s = v_sigmoid(x);
    return (sloped){.value = x * s, .slope = v_fma(x * s, 1.0f - s, s)};
}

/// log2 of positive, finite, widened floats.
HONE_INLINE vd v_log2_wide(vd x) {
    vl bits = (vl)x - 0x3fe6a09e667f3bcdll;  // sqrt(1/2)
    vl n = bits >> 52;
    vd m = (vd)((bits & 0xfffffffffffffll) + 0x3fe6a09e667f3bcdll);
    // n as a double, by way of its bits under 2^52.
    vd count = (vd)(n + 0x4338000000000000ll) - 0x1.8p52;
    vd s = (m - 1.0) / (m + 1.0);
    vd z = s * s;
    vd p = vd_fma((vd)(0.2829036098044029), z, (vd)(0.31990546857412716));
    p = vd_fma(p, z, (vd)(0.4122092576073678));
    p = vd_fma(p, z, (vd)(0.5770779423166322));
    p = vd_fma(p, z, (vd)(0.9617966941134954));
    p = vd_fma(p, z, (vd)(2.88539008177785));
    return vd_fma(p, s, count);
}

/// 2^x, rounded to float.
HONE_INLINE vf v_exp2_wide(vd x) {
    x = x < -1000.0 ? (vd)(-1000.0) : x;
    x = x > 1000.0 ? (vd)(1000.0) : x;
    vd shifted = x + 0x1.8p52;
    vd r = x - (shifted - 0x1.8p52);
    vd p = vd_fma((vd)(1.5201934926500845e-05), r, (vd)(0.00015469291552315588));
    p = vd_fma(p, r, (vd)(0.001333392249744133));
    p = vd_fma(p, r, (vd)(0.009618027252230462));
    p = vd_fma(p, r, (vd)(0.055504103535471846));
    p = vd_fma(p, r, (vd)(0.2402265119816951));
    p = vd_fma(p, r, (vd)(0.6931471807284053));
    p = vd_fma(p, r, (vd)(0.9999999999616801));
    return v_narrow((vd)((vl)p + ((vl)shifted << 52)));
}

/// x to the power y, with the special cases of C's powf.
HONE_INLINE vf v_pow(vf x, vf y) {
    vf a = v_abs(x);
    vi finite = (a > 0.0f) & (a < INFINITY);
    vf base = finite ? a : v_splat(1.0f);
    // |x| of 0 and infinity by way of an exponent that is out of everyone's reach.
    vd logarithm = v_log2_wide(v_widen(base));
    vf special = a == 0.0f ? v_splat(-INFINITY) : a;
    vf beyond = special * y;
    vf r = v_exp2_wide(logarithm * v_widen(y));
    vf of_special = beyond > 0.0f ? v_splat(INFINITY) : v_splat(0.0f);
    r = finite ? r : of_special;
    // An integer y is odd when half of it is not an integer; from 2^24 on all floats are even.
    vf half = y * 0.5f;
    vi integer = v_floor(y) == y;
    vi odd = integer & (v_floor(half) != half) & (v_abs(y) < 0x1p24f);
    vi negative = v_bits(x) < 0;
    r = v_float(v_bits(r) | (negative & odd & (int32_t)0x80000000u));
    r = (negative & ~integer & finite) ? v_splat(NAN) : r;
    r = ((x != x) | (y != y)) ? x + y : r;
    vi one = (y == 0.0f) | (x == 1.0f) | ((x == -1.0f) & (v_abs(y) == INFINITY));
    return one ? v_splat(1.0f) : r;
}

#endif
