// Normalisation where a channel is stretches of memory, each with one mean and one scale.
#include "../VectorMath/loops.h"
#include "../VectorMath/rows.h"
#include "kernels.h"

/// Elements of which each lane of four vectors takes in HONE_FLOAT_RUN.
#define STRETCH_RUN ((size_t)HONE_FLOAT_RUN * 4 * HONE_LANES)

typedef struct lane_sums {
    vf first[4], second[4];
} lane_sums;

HONE_INLINE void clear_lanes(lane_sums *s) {
    for (int i = 0; i < 4; i++) {
        s->first[i] = s->second[i] = v_splat(0.0f);
    }
}

/// Runs `take(at, count, i)`, which adds the vector at `at` to the sums number i, over all stretches; lanes go from
/// floats to doubles at least every HONE_FLOAT_RUN vectors or so. Sets `result`.
#define HONE_STRETCH_SUMS(s, take, result)                                                   \
    do {                                                                                     \
        vd first = (vd)(0.0), second = (vd)(0.0);                                            \
        lane_sums lanes;                                                                     \
        clear_lanes(&lanes);                                                                 \
        size_t taken = 0;                                                                    \
        for (size_t stretch = 0; stretch < (s).count; stretch++) {                           \
            for (size_t at = stretch * (s).stride, end = at + (s).n; at < end;) {            \
                size_t stop = end - at < STRETCH_RUN ? end : at + STRETCH_RUN;               \
                taken += stop - at + 4 * HONE_LANES;                                         \
                for (; stop - at >= 4 * HONE_LANES; at += 4 * HONE_LANES) {                  \
                    take(at, HONE_LANES, 0);                                                 \
                    take(at + HONE_LANES, HONE_LANES, 1);                                    \
                    take(at + 2 * HONE_LANES, HONE_LANES, 2);                                \
                    take(at + 3 * HONE_LANES, HONE_LANES, 3);                                \
                }                                                                            \
                for (; stop - at >= HONE_LANES; at += HONE_LANES) {                          \
                    take(at, HONE_LANES, 0);                                                 \
                }                                                                            \
                if (at < stop) {                                                             \
                    take(at, stop - at, 1);                                                  \
                    at = stop;                                                               \
                }                                                                            \
                if (taken >= STRETCH_RUN) {                                                  \
                    first += v_widen((lanes.first[0] + lanes.first[1]) + (lanes.first[2] + lanes.first[3]));      \
                    second += v_widen((lanes.second[0] + lanes.second[1]) + (lanes.second[2] + lanes.second[3])); \
                    clear_lanes(&lanes);                                                     \
                    taken = 0;                                                               \
                }                                                                            \
            }                                                                                \
        }                                                                                    \
        first += v_widen((lanes.first[0] + lanes.first[1]) + (lanes.first[2] + lanes.first[3]));                  \
        second += v_widen((lanes.second[0] + lanes.second[1]) + (lanes.second[2] + lanes.second[3]));             \
        (result).first = vd_sum(first);                                                      \
        (result).second = vd_sum(second);                                                    \
    } while (0)

HONE_INLINE vf load_some(const float *x, size_t count) {
    return count == HONE_LANES ? v_load(x) : v_load_part(x, count);
}

/// x - shift, and 0 in the lanes beyond `count`.
HONE_INLINE vf deviation(const float *x, size_t count, vf shift) {
    if (count == HONE_LANES) {
        return v_load(x) - shift;
    }
    vf d = v_load_part(x, count) - shift;
    return v_first(count) ? d : v_splat(0.0f);
}

static hone_two_sums moments(hone_stretches s, const float *x, float shift) {
    vf from = v_splat(shift);
    hone_two_sums result;
#define TAKE_MOMENT(at, count, i)                              \
    do {                                                       \
        vf d = deviation(x + (at), count, from);               \
        lanes.first[i] += d;                                   \
        lanes.second[i] = v_fma(d, d, lanes.second[i]);        \
    } while (0)
    HONE_STRETCH_SUMS(s, TAKE_MOMENT, result);
#undef TAKE_MOMENT
    return result;
}

HONE_INLINE vf v_affine(vf x, vf mean, vf scale, vf shift) { return v_fma(x - mean, scale, shift); }

/// A ReLU that keeps NaN.
HONE_INLINE vf v_relu(vf y) { return y < 0.0f ? v_splat(0.0f) : y; }

HONE_INLINE void affine_stretches(hone_stretches s, const hone_affine *a, const float *x, float *y, bool relu) {
    vf mean = v_splat(a->mean), scale = v_splat(a->scale), shift = v_splat(a->shift);
    for (size_t i = 0; i < s.count; i++, x += s.stride, y += s.stride) {
        HONE_LOOP(s.n, {
            vf v = v_affine(HONE_LOAD(x), mean, scale, shift);
            HONE_STORE(y, relu ? v_relu(v) : v);
        });
    }
}

static void affine(hone_stretches s, const hone_affine *a, const float *x, float *y) {
    if (a->relu) {
        affine_stretches(s, a, x, y, true);
    } else {
        affine_stretches(s, a, x, y, false);
    }
}

/// dy where the output was positive.
HONE_INLINE vf masked_gradient(vf dy, vf x, vf mean, vf scale, vf shift) {
    return v_affine(x, mean, scale, shift) > 0.0f ? dy : v_splat(0.0f);
}

HONE_INLINE hone_two_sums gradient_sums_of(hone_stretches s, const hone_affine *a, const float *x, const float *dy,
                                           bool relu) {
    vf mean = v_splat(a->mean), scale = v_splat(a->scale), shift = v_splat(a->shift);
    hone_two_sums result;
#define TAKE_GRADIENT(at, count, i)                                         \
    do {                                                                    \
        vf value = load_some(x + (at), count), g = load_some(dy + (at), count); \
        g = relu ? masked_gradient(g, value, mean, scale, shift) : g;       \
        lanes.first[i] += g;                                                \
        lanes.second[i] = v_fma(g, value - mean, lanes.second[i]);          \
    } while (0)
    HONE_STRETCH_SUMS(s, TAKE_GRADIENT, result);
#undef TAKE_GRADIENT
    return result;
}

static hone_two_sums gradient_sums(hone_stretches s, const hone_affine *a, const float *x, const float *dy) {
    return a->relu ? gradient_sums_of(s, a, x, dy, true) : gradient_sums_of(s, a, x, dy, false);
}

HONE_INLINE void gradient_of(hone_stretches s, const hone_gradient *g, const float *x, const float *dy, float *dx,
                             bool relu, bool takes_x, bool accumulate) {
    vf mean = v_splat(g->affine.mean), scale = v_splat(g->affine.scale), shift = v_splat(g->affine.shift);
    vf of_dy = v_splat(g->of_dy), of_x = v_splat(g->of_x), constant = v_splat(g->constant);
    for (size_t i = 0; i < s.count; i++, x += s.stride, dy += s.stride, dx += s.stride) {
        HONE_LOOP(s.n, {
            vf value = relu || takes_x ? HONE_LOAD(x) : mean;
            vf d = HONE_LOAD(dy);
            d = relu ? masked_gradient(d, value, mean, scale, shift) : d;
            d = takes_x ? v_fma(of_dy, d, v_fma(of_x, value - mean, constant)) : of_dy * d;
            HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + d : d);
        });
    }
}

static void gradient(hone_stretches s, const hone_gradient *g, const float *x, const float *dy, float *dx) {
    switch (g->affine.relu << 2 | g->takes_x << 1 | g->accumulate) {
    case 0:
        gradient_of(s, g, x, dy, dx, false, false, false);
        break;
    case 1:
        gradient_of(s, g, x, dy, dx, false, false, true);
        break;
    case 2:
        gradient_of(s, g, x, dy, dx, false, true, false);
        break;
    case 3:
        gradient_of(s, g, x, dy, dx, false, true, true);
        break;
    case 4:
        gradient_of(s, g, x, dy, dx, true, false, false);
        break;
    case 5:
        gradient_of(s, g, x, dy, dx, true, false, true);
        break;
    case 6:
        gradient_of(s, g, x, dy, dx, true, true, false);
        break;
    default:
        gradient_of(s, g, x, dy, dx, true, true, true);
    }
}
