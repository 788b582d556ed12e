// Normalisation of rows, each with a mean of its own: layer and RMS normalisation.

/// Runs `take(at, count, i)`, which adds the vector at `at` to sum[i] and perhaps to other[i], over 0 ..< n, and sets
/// both totals. Up to STRETCH_RUN elements are summed in floats; longer rows in doubles, run by run.
#define HONE_ROW_SUMS(n, take, total, other_total)                                   \
    do {                                                                             \
        vd wide = (vd)(0.0), other_wide = (vd)(0.0);                                 \
        vf sum[4], other[4];                                                         \
        for (size_t at = 0;;) {                                                      \
            for (int i = 0; i < 4; i++) {                                            \
                sum[i] = other[i] = v_splat(0.0f);                                   \
            }                                                                        \
            size_t stop = (n) - at < STRETCH_RUN ? (n) : at + STRETCH_RUN;           \
            for (; stop - at >= 4 * HONE_LANES; at += 4 * HONE_LANES) {              \
                take(at, HONE_LANES, 0);                                             \
                take(at + HONE_LANES, HONE_LANES, 1);                                \
                take(at + 2 * HONE_LANES, HONE_LANES, 2);                            \
                take(at + 3 * HONE_LANES, HONE_LANES, 3);                            \
            }                                                                        \
            for (; stop - at >= HONE_LANES; at += HONE_LANES) {                      \
                take(at, HONE_LANES, 0);                                             \
            }                                                                        \
            if (at < stop) {                                                         \
                take(at, stop - at, 1);                                              \
                at = stop;                                                           \
            }                                                                        \
            sum[0] = (sum[0] + sum[1]) + (sum[2] + sum[3]);                          \
            other[0] = (other[0] + other[1]) + (other[2] + other[3]);                \
            if ((n) <= STRETCH_RUN) {                                                \
                (total) = (double)v_sum(sum[0]);                                     \
                (other_total) = (double)v_sum(other[0]);                             \
                break;                                                               \
            }                                                                        \
            wide += v_widen(sum[0]);                                                 \
            other_wide += v_widen(other[0]);                                         \
            if (at == (n)) {                                                         \
                (total) = vd_sum(wide);                                              \
                (other_total) = vd_sum(other_wide);                                  \
                break;                                                               \
            }                                                                        \
        }                                                                            \
    } while (0)

HONE_INLINE void store_some(float *x, vf v, size_t count) {
    if (count == HONE_LANES) {
        v_store(x, v);
    } else {
        v_store_part(x, v, count);
    }
}

/// The sum of the squares of x - shift.
HONE_INLINE double squared_deviations(const float *x, size_t n, float shift) {
    vf from = v_splat(shift);
    double total, nothing;
#define TAKE_SQUARE(at, count, i)                  \
    do {                                           \
        vf d = deviation(x + (at), count, from);   \
        sum[i] = v_fma(d, d, sum[i]);              \
    } while (0)
    HONE_ROW_SUMS(n, TAKE_SQUARE, total, nothing);
    (void)nothing;
#undef TAKE_SQUARE
    return total;
}

HONE_INLINE double row_total(const float *x, size_t n) {
    double total, nothing;
#define TAKE_ITSELF(at, count, i) sum[i] += load_some(x + (at), count)
    HONE_ROW_SUMS(n, TAKE_ITSELF, total, nothing);
    (void)nothing;
#undef TAKE_ITSELF
    return total;
}

/// In two passes, the second about the mean: no cancellation however far the mean is from 0.
static hone_two_sums row_moments(const float *x, size_t n) {
    hone_two_sums m;
    m.first = row_total(x, n) / (double)n;
    m.second = squared_deviations(x, n, (float)m.first) / (double)n;
    return m;
}

HONE_INLINE void norm_rows(const hone_norm_rows *r, const float *x, float *y, float *mean, float *rstd, bool has_gamma,
                           bool has_beta, bool centred) {
    const size_t n = r->length;
    for (size_t row = 0; row < r->rows; row++, x += n, y += n) {
        float middle = centred ? (float)(row_total(x, n) / (double)n) : 0.0f;
        float spread = (float)(squared_deviations(x, n, middle) / (double)n);
        float factor = 1.0f / __builtin_sqrtf(spread + r->epsilon);
        size_t offset = r->groups == 1 ? 0 : (r->first + row) % r->groups * n;
        const float *gamma = r->gamma + (has_gamma ? offset : 0), *beta = r->beta + (has_beta ? offset : 0);
        vf m = v_splat(middle), f = v_splat(factor);
        HONE_LOOP(n, {
            vf v = HONE_LOAD(x);
            v = (centred ? v - m : v) * f;
            if (has_gamma && has_beta) {
                v = v_fma(v, HONE_LOAD(gamma), HONE_LOAD(beta));
            } else if (has_gamma) {
                v = v * HONE_LOAD(gamma);
            } else if (has_beta) {
                v = v + HONE_LOAD(beta);
            }
            HONE_STORE(y, v);
        });
        if (mean) {
            mean[row] = middle;
        }
        if (rstd) {
            rstd[row] = factor;
        }
    }
}

static void rows(const hone_norm_rows *r, const float *x, float *y, float *mean, float *rstd) {
    static const float nothing[1];
    hone_norm_rows all = *r;
    bool has_gamma = r->gamma, has_beta = r->beta;
    all.gamma = has_gamma ? r->gamma : nothing;
    all.beta = has_beta ? r->beta : nothing;
    if (has_gamma && has_beta && r->centred) {
        norm_rows(&all, x, y, mean, rstd, true, true, true);
    } else if (has_gamma && !has_beta && !r->centred) {
        norm_rows(&all, x, y, mean, rstd, true, false, false);
    } else {
        norm_rows(&all, x, y, mean, rstd, has_gamma, has_beta, r->centred);
    }
}

/// With h = (x - mean) * rstd and g = dy * gamma:
/// dx = rstd * (g - mean of g - h * mean of g * h), without the mean of g when x was not centred.
HONE_INLINE void norm_rows_backward(const hone_norm_rows *r, const float *x, const float *mean, const float *rstd,
                                    const float *dy, float *dx, bool accumulate, float *dgamma, float *dbeta,
                                    bool has_gamma, bool centred, bool has_dgamma, bool has_dbeta) {
    const size_t n = r->length;
    const double share = 1.0 / (double)n;
    for (size_t row = 0; row < r->rows; row++, x += n, dy += n) {
        float middle = centred ? mean[row] : 0.0f, factor = rstd[row];
        size_t offset = r->groups == 1 ? 0 : (r->first + row) % r->groups * n;
        const float *gamma = r->gamma + (has_gamma ? offset : 0);
        float *to_gamma = dgamma + (has_dgamma ? offset : 0), *to_beta = dbeta + (has_dbeta ? offset : 0);
        vf m = v_splat(middle), f = v_splat(factor);
        double total, product;
#define TAKE_GRADIENTS(at, count, i)                                                              \
    do {                                                                                          \
        vf g = load_some(dy + (at), count), d = load_some(x + (at), count) - m;                   \
        if (has_dgamma) {                                                                         \
            store_some(to_gamma + (at), v_fma(g, d * f, load_some(to_gamma + (at), count)), count); \
        }                                                                                         \
        if (has_dbeta) {                                                                          \
            store_some(to_beta + (at), load_some(to_beta + (at), count) + g, count);              \
        }                                                                                         \
        g = has_gamma ? g * load_some(gamma + (at), count) : g;                                   \
        sum[i] = v_fma(g, d, sum[i]);                                                             \
        other[i] += g;                                                                            \
    } while (0)
        HONE_ROW_SUMS(n, TAKE_GRADIENTS, product, total);
#undef TAKE_GRADIENTS
        if (!dx) {
            continue;
        }
        total = centred ? total : 0;
        double square = (double)factor * factor;
        vf of_x = v_splat((float)(-square * product * share)), mean_of_g = v_splat((float)(total * share));
        HONE_LOOP(n, {
            vf g = HONE_LOAD(dy);
            g = has_gamma ? g * HONE_LOAD(gamma) : g;
            vf d = v_fma(of_x, HONE_LOAD(x) - m, g - mean_of_g) * f;
            HONE_STORE(dx, accumulate ? HONE_LOAD(dx) + d : d);
        });
        dx += n;
    }
}

static void rows_backward(const hone_norm_rows *r, const float *x, const float *mean, const float *rstd,
                          const float *dy, float *dx, bool accumulate, float *dgamma, float *dbeta) {
    static const float nothing[1];
    static float nowhere[1];  // never written to
    hone_norm_rows all = *r;
    all.gamma = r->gamma ? r->gamma : nothing;
    float *to_gamma = dgamma ? dgamma : nowhere, *to_beta = dbeta ? dbeta : nowhere;
#define ROWS_BACKWARD(has_gamma, centred, has_dgamma, has_dbeta)                                                  \
    norm_rows_backward(&all, x, mean, rstd, dy, dx, accumulate, to_gamma, to_beta, has_gamma, centred, has_dgamma, \
                       has_dbeta)
    if (r->gamma && r->centred && dgamma && dbeta) {
        ROWS_BACKWARD(true, true, true, true);
    } else if (r->gamma && !r->centred && dgamma) {
        ROWS_BACKWARD(true, false, true, false);
    } else {
        ROWS_BACKWARD(r->gamma, r->centred, dgamma, dbeta);
    }
#undef ROWS_BACKWARD
}
