// exp, expm1, log and log1p, and what is made of them. The polynomials are minimax fits of our own (Remez exchange).
//
// Largest errors of the worst variant, in units of the last place. Over all floats: exp 1.02, expm1 1.46, log 0.84,
// log1p 1.39; over every 61st: sigmoid 2.34, tanh 2.38, softplus 1.63.
#ifndef HONE_EXPONENTIAL_H
#define HONE_EXPONENTIAL_H

#include "lanes.h"

#define V_LN2_HIGH 0x1.62e4p-1f  // ln 2 in 15 bits, so that a product with an exponent is exact,
#define V_LN2_LOW 0x1.7f7d1cp-20f  // and what is missing.
#define V_LOG2_E 0x1.715476p+0f
#define V_ROUNDING 0x1.8p23f  // Added and taken away again, it rounds to an integer and leaves it in the low bits.

typedef struct reduced {
    vf rest;
    vf count;
    vi n;
} reduced;

/// x = n ln 2 + rest, |rest| <= ln 2 / 2.
HONE_INLINE reduced v_reduce_exponent(vf x) {
    vf shifted = v_fma(x, v_splat(V_LOG2_E), v_splat(V_ROUNDING));
    reduced r;
    r.n = v_bits(shifted) - v_bits(v_splat(V_ROUNDING));
    r.count = shifted - V_ROUNDING;
    r.rest = v_fma(r.count, v_splat(-V_LN2_LOW), v_fma(r.count, v_splat(-V_LN2_HIGH), x));
    return r;
}

/// e^rest.
HONE_INLINE vf v_exp_of_rest(vf rest) {
    vf q = v_fma(v_splat(0x1.6a2360p-10f), rest, v_splat(0x1.123a6cp-7f));
    q = v_fma(q, rest, v_splat(0x1.5558f4p-5f));
    q = v_fma(q, rest, v_splat(0x1.555490p-3f));
    q = v_fma(q, rest, v_splat(0x1.fffffcp-2f));
    return v_fma(rest * rest, q, rest) + 1.0f;
}

HONE_INLINE vf v_exp(vf x) {
    // Beyond these ends the result is 0 or infinity all the same.
    reduced r = v_reduce_exponent(v_within(x, v_splat(-104.0f), v_splat(89.0f)));
    vf p = v_exp_of_rest(r.rest);
#if HONE_LANES == 16
    return (vf)_mm512_scalef_ps((__m512)p, (__m512)r.count);
#else
    // In two steps, the first of them exact: 2^n itself need not be a float.
    vi half = r.n >> 1;
    return p * v_power_of_two(half) * v_power_of_two(r.n - half);
#endif
}

/// e^x for x <= 0, and 0 where that is below the normal floats: subnormal results cost a hundred cycles and more.
HONE_INLINE vf v_exp_flushed(vf x) {
    const vf lowest = v_splat(-0x1.5d589ep+6f);  // log 2^-126
    reduced r = v_reduce_exponent(v_larger(lowest, x));
    vf y = v_exp_of_rest(r.rest) * v_power_of_two(r.n);
    return x < lowest ? v_splat(0.0f) : y;
}

HONE_INLINE vf v_expm1(vf x) {
    reduced r = v_reduce_exponent(v_within(x, v_splat(-20.0f), v_splat(89.0f)));
    vf q = v_fma(v_splat(0x1.a459f2p-13f), r.rest, v_splat(0x1.6ca22cp-10f));
    q = v_fma(q, r.rest, v_splat(0x1.110e46p-7f));
    q = v_fma(q, r.rest, v_splat(0x1.55555cp-5f));
    q = v_fma(q, r.rest, v_splat(0x1.555556p-3f));
    q = v_fma(q, r.rest, v_splat(0.5f));
    vf p = v_fma(r.rest * r.rest, q, r.rest);  // e^rest - 1
    // 2^n p + (2^n - 1), at half its size so that 2^128 does not come up.
    vf scale = v_power_of_two(r.n - 1);
    vf y = v_fma(scale, p, scale - 0.5f);
    y = y + y;
    return v_abs(x) < 0x1p-26f ? x : y;  // Subnormals, and the sign of zero.
}

/// log(2^k (1 + f)) for f from sqrt(1/2) - 1 to sqrt(2) - 1.
HONE_INLINE vf v_log_of_parts(vf k, vf f) {
    vf p = v_fma(v_splat(0x1.1457acp-4f), f, v_splat(-0x1.de3c16p-4f));
    p = v_fma(p, f, v_splat(0x1.e6f06ap-4f));
    p = v_fma(p, f, v_splat(-0x1.fc2206p-4f));
    p = v_fma(p, f, v_splat(0x1.233768p-3f));
    p = v_fma(p, f, v_splat(-0x1.555c4ep-3f));
    p = v_fma(p, f, v_splat(0x1.99a4b6p-3f));
    p = v_fma(p, f, v_splat(-0x1.000006p-2f));
    p = v_fma(p, f, v_splat(0x1.555548p-2f));
    vf square = f * f;
    vf low = v_fma(k, v_splat(V_LN2_LOW), square * f * p);
    low = v_fma(square, v_splat(-0.5f), low);
    return v_fma(k, v_splat(V_LN2_HIGH), f + low);
}

#define V_SQRT_HALF_BITS 0x3f3504f3

HONE_INLINE vf v_log(vf x) {
    vi small = x < 0x1p-126f;
    vf scaled = x * 0x1p23f;
    scaled = small ? scaled : x;
    vi bits = v_bits(scaled) - V_SQRT_HALF_BITS;
    vi n = (bits >> 23) - (small & 23);
    vf m = v_float((bits & 0x7fffff) + V_SQRT_HALF_BITS);
    vf y = v_log_of_parts(__builtin_convertvector(n, vf), m - 1.0f);
    y = x == 0.0f ? v_splat(-INFINITY) : y;
    y = x < 0.0f ? v_splat(NAN) : y;
    return x < INFINITY ? y : x;  // Infinity and NaN are their own logarithms.
}

HONE_INLINE vf v_log1p(vf x) {
    vf u = 1.0f + x;
    vi bits = v_bits(u) - V_SQRT_HALF_BITS;
    vi n = bits >> 23;
    // 2^-n (1 + x) - 1 without the rounding of 1 + x, as long as 2^-n is in reach.
    vf scale = v_power_of_two(n < 100 ? -n : vi_splat(0));
    vf near = v_fma(scale, x, scale - 1.0f);
    vf far = v_float((bits & 0x7fffff) + V_SQRT_HALF_BITS) - 1.0f;
    vf y = v_log_of_parts(__builtin_convertvector(n, vf), n < 100 ? near : far);
    y = x == -1.0f ? v_splat(-INFINITY) : y;
    y = x < -1.0f ? v_splat(NAN) : y;
    y = v_abs(x) < 0x1p-26f ? x : y;  // Subnormals, and the sign of zero.
    return x < INFINITY ? y : x;
}

/// 1 / (1 + e^-x), by way of e^-|x| so that nothing overflows.
HONE_INLINE vf v_sigmoid(vf x) {
    vf e = v_exp(-v_abs(x));
    vf numerator = x < 0.0f ? e : v_splat(1.0f);
    return numerator / (1.0f + e);
}

HONE_INLINE vf v_tanh(vf x) {
    vf magnitude = v_abs(x);
    vf e = v_expm1(v_smaller(v_splat(20.0f), magnitude + magnitude));
    return v_with_sign(e / (e + 2.0f), x);
}

HONE_INLINE vf v_softplus(vf x) {
    vf larger = v_larger(v_splat(0.0f), x);
    vf y = larger + v_log1p(v_exp(-v_abs(x)));
    return x == x ? y : x;
}

#endif
