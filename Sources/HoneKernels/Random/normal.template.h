// The Box-Muller transform with the same bits from every variant: only operations that round alike everywhere, and no
// fused multiply-adds.
#include "philox.template.h"

#if HONE_LANES == 16
#define V_EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define V_ODDS(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
#elif HONE_LANES == 8
#define V_EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14)
#define V_ODDS(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15)
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
#else
#define V_EVENS(a, b) __builtin_shufflevector(a, b, 0, 2, 4, 6)
#define V_ODDS(a, b) __builtin_shufflevector(a, b, 1, 3, 5, 7)
#define V_ZIP_LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define V_ZIP_HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#endif

/// sqrt(-2 log u), where u = (word / 2 rounded down) 2^-31 + 2^-32 lies in 2^-32 ... 1.
HONE_INLINE vf v_radius(vu word) {
    vf u = __builtin_convertvector((vi)(word >> 1), vf) * 0x1p-31f + 0x1p-32f;
    vi bits = v_bits(u) - 0x3f3504f3;
    vf k = __builtin_convertvector(bits >> 23, vf);
    vf f = v_float((bits & 0x7fffff) + 0x3f3504f3) - 1.0f;
    // log(1 + f), as in exponential.h.
    vf p = f * 0x1.1457acp-4f + -0x1.de3c16p-4f;
    p = p * f + 0x1.e6f06ap-4f;
    p = p * f + -0x1.fc2206p-4f;
    p = p * f + 0x1.233768p-3f;
    p = p * f + -0x1.555c4ep-3f;
    p = p * f + 0x1.99a4b6p-3f;
    p = p * f + -0x1.000006p-2f;
    p = p * f + 0x1.555548p-2f;
    vf square = f * f;
    vf low = k * 0x1.7f7d1cp-20f + (square * f) * p;
    low = low - square * 0.5f;
    vf logarithm = k * 0x1.62e4p-1f + (f + low);
    vf twice = logarithm * -2.0f;
    // A rounding just below 1 must not become the root of a negative number.
    return v_sqrt(v_larger(v_splat(0.0f), twice));
}

typedef struct direction {
    vf cosine, sine;
} direction;

/// The direction at word 2^-32 turns.
HONE_INLINE direction v_direction(vu word) {
    vu quadrant = (word + 0x20000000u) >> 30;
    vf r = __builtin_convertvector((vi)(word - (quadrant << 30)), vf) * 0x1.921fb6p-30f;  // pi/2 2^-30
    vf z = r * r;
    vf s = z * 0x1.6cd1b0p-19f + -0x1.a00f7ep-13f;
    s = s * z + 0x1.111108p-7f;
    s = s * z + -0x1.555556p-3f;
    s = (r * z) * s + r;
    vf c = z * 0x1.99eb4ap-16f + -0x1.6c0c32p-10f;
    c = c * z + 0x1.55554ap-5f;
    c = (z * z) * c + (z * -0.5f + 1.0f);
    vi odd = (vi)(quadrant & 1) != 0;
    direction d;
    d.cosine = v_float(v_bits(odd ? s : c) ^ (vi)(((quadrant + 1) & 2) << 30));
    d.sine = v_float(v_bits(odd ? c : s) ^ (vi)((quadrant & 2) << 30));
    return d;
}

/// The normals of two vectors of words, in order.
HONE_INLINE void v_normals(const vu *words, float mean, float deviation, vf *normals) {
    vf radius = v_radius(V_EVENS(words[0], words[1])) * deviation;
    direction d = v_direction(V_ODDS(words[0], words[1]));
    vf a = radius * d.cosine + mean, b = radius * d.sine + mean;
    normals[0] = V_ZIP_LOW(a, b);
    normals[1] = V_ZIP_HIGH(a, b);
}
