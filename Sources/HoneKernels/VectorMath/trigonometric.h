// sin and cos, with the argument reduced in double precision. Their largest error is 1.58 units of the last place.
#ifndef HONE_TRIGONOMETRIC_H
#define HONE_TRIGONOMETRIC_H

#include "lanes.h"

#define V_HALF_PI_HIGH 0x1.921fb54p+0  // 27 bits, so that a product with up to 26 bits is exact,
#define V_HALF_PI_LOW 0x1.10b4611a62633p-30  // and what is missing.
#define V_TWO_OVER_PI 0x1.45f306dc9c883p-1
#define V_TRIGONOMETRIC_LIMIT 0x1p26f  // Beyond it the C library takes over.

typedef struct angle {
    vf rest;
    vi quadrant;
} angle;

/// x = quadrant * pi/2 + rest, |rest| <= pi/4; the quadrant counts modulo 4. NaN for infinities.
HONE_INLINE angle v_reduce_angle(vf x) {
    vd wide = v_widen(x);
    vd shifted = wide * V_TWO_OVER_PI + 0x1.8p52;
    vd count = shifted - 0x1.8p52;
    vd rest = vd_fma(count, (vd)(-V_HALF_PI_HIGH), wide);
    rest = vd_fma(count, (vd)(-V_HALF_PI_LOW), rest);
    angle a;
    a.rest = v_narrow(rest);
    a.quadrant = __builtin_convertvector((vl)shifted & 3, vi);
    return a;
}

HONE_INLINE vf v_sin_of_rest(vf r) {
    vf z = r * r;
    vf p = v_fma(v_splat(0x1.6cd1b0p-19f), z, v_splat(-0x1.a00f7ep-13f));
    p = v_fma(p, z, v_splat(0x1.111108p-7f));
    p = v_fma(p, z, v_splat(-0x1.555556p-3f));
    return v_fma(r * z, p, r);
}

HONE_INLINE vf v_cos_of_rest(vf r) {
    vf z = r * r;
    vf p = v_fma(v_splat(0x1.99eb4ap-16f), z, v_splat(-0x1.6c0c32p-10f));
    p = v_fma(p, z, v_splat(0x1.55554ap-5f));
    return v_fma(z * z, p, v_fma(z, v_splat(-0.5f), v_splat(1.0f)));
}

/// sin(x + quarters * pi/2).
HONE_INLINE vf v_sin_shifted(vf x, int quarters) {
    angle a = v_reduce_angle(x);
    vi quadrant = a.quadrant + quarters;
    vf s = v_sin_of_rest(a.rest);
    vf c = v_cos_of_rest(a.rest);
    vf y = (quadrant & 1) != 0 ? c : s;
    y = v_float(v_bits(y) ^ ((quadrant & 2) << 30));
    vi huge = (v_abs(x) > V_TRIGONOMETRIC_LIMIT) & (v_abs(x) < INFINITY);
    if (__builtin_expect(v_any(huge), 0)) {
        for (int i = 0; i < HONE_LANES; i++) {
            if (huge[i]) {
                y[i] = (float)(quarters ? cos((double)x[i]) : sin((double)x[i]));
            }
        }
    }
    return y;
}

HONE_INLINE vf v_sin(vf x) {
    vf y = v_sin_shifted(x, 0);
    return v_abs(x) < 0x1p-12f ? x : y;  // The sign of zero.
}

HONE_INLINE vf v_cos(vf x) { return v_sin_shifted(x, 1); }

#endif
