// Average pooling: rows are added first, then columns.

/// Windows of 2 x 2, two rows at a time.
HONE_INLINE void average_of_pairs(const hone_pooling_plan *plan, const float *x, float *y) {
    const hone_pooling *p = &plan->p;
    const vf factor = v_splat(1.0f / (plan->row_counts[0] * plan->column_counts[0]));
    for (size_t i = 0; i < p->out_height; i++, x += 2 * p->width, y += p->out_width) {
        for (size_t at = 0; at < p->out_width; at += HONE_LANES) {
            size_t left = p->out_width - at, count = left < HONE_LANES ? left : HONE_LANES;
            vf a, b, c, d;
            load_pairs(x + 2 * at, count, &a, &b);
            load_pairs(x + p->width + 2 * at, count, &c, &d);
            vf mean = ((a + b) + (c + d)) * factor;
            if (count == HONE_LANES) {
                v_store(y + at, mean);
            } else {
                v_store_part(y + at, mean, count);
            }
        }
    }
}

HONE_INLINE void spread_to_pairs(const hone_pooling_plan *plan, const float *dy, float *dx, bool accumulate) {
    const hone_pooling *p = &plan->p;
    const vf factor = v_splat(1.0f / (plan->row_counts[0] * plan->column_counts[0]));
    for (size_t i = 0; i < p->out_height; i++, dy += p->out_width) {
        float *to = dx + 2 * i * p->width;
        for (size_t at = 0; at < p->out_width; at += HONE_LANES) {
            size_t left = p->out_width - at, count = left < HONE_LANES ? left : HONE_LANES;
            vf share = (count == HONE_LANES ? v_load(dy + at) : v_load_part(dy + at, count)) * factor;
            store_pairs(to + 2 * at, count, share, share, accumulate);
            store_pairs(to + p->width + 2 * at, count, share, share, accumulate);
        }
        if (!accumulate) {
            clear_beside_pairs(p, to);
        }
    }
    if (!accumulate) {
        clear_fresh(dx, 2 * p->out_height, p->height, p->width);
    }
}

static void average(const hone_pooling_plan *plan, const float *x, float *y, float *lines) {
    const hone_pooling *p = &plan->p;
    if (plan->pairs) {
        average_of_pairs(plan, x, y);
        return;
    }
    float *sums = lines + plan->phases.row;
    const size_t *taps = plan->taps, count_of_taps = p->kernel_width;
    for (size_t i = 0; i < p->out_height; i++, y += p->out_width) {
        add_rows(x, rows_of(p, i), p->width, sums);
        take_apart(plan, sums, lines);
        const vf rows = v_splat(plan->row_counts[i]);
        for (size_t at = 0; at < p->out_width; at += HONE_LANES) {
            size_t left = p->out_width - at, count = left < HONE_LANES ? left : HONE_LANES;
            vf total = v_load(lines + at);
            for (size_t tap = 1; tap < count_of_taps; tap++) {
                total += v_load(lines + at + taps[tap]);
            }
            if (count == HONE_LANES) {
                v_store(y + at, total / (rows * v_load(plan->column_counts + at)));
            } else {
                v_store_part(y + at, total / (rows * v_load_part(plan->column_counts + at, count)), count);
            }
        }
    }
}

static void average_backward(const hone_pooling_plan *plan, const float *dy, float *dx, bool accumulate, float *lines) {
    const hone_pooling *p = &plan->p;
    if (plan->pairs && accumulate) {
        spread_to_pairs(plan, dy, dx, true);
        return;
    }
    if (plan->pairs) {
        spread_to_pairs(plan, dy, dx, false);
        return;
    }
    float *line = lines + plan->phases.row;
    size_t fresh = accumulate ? p->height : 0;
    for (size_t i = 0; i < p->out_height; i++, dy += p->out_width) {
        memset(lines, 0, plan->phases.row * sizeof *lines);
        const vf rows = v_splat(plan->row_counts[i]);
        for (size_t tap = 0; tap < p->kernel_width; tap++) {
            float *to = lines + plan->taps[tap];
            HONE_LOOP(p->out_width, {
                vf share = HONE_LOAD(dy) / (rows * HONE_LOAD(plan->column_counts));
                HONE_STORE(to, HONE_LOAD(to) + share);
            });
        }
        put_together(plan, lines, line);
        spread_line(line, rows_of(p, i), p->width, dx, &fresh);
    }
    clear_fresh(dx, fresh, p->height, p->width);
}

/// The part of `size` that is bin `index` of `bins`.
HONE_INLINE row_span bin(size_t size, size_t bins, size_t index) {
    return (row_span){index * size / bins, ((index + 1) * size + bins - 1) / bins};
}

static void adaptive_average(const hone_pooling *p, const float *x, float *y, float *lines) {
    for (size_t i = 0; i < p->out_height; i++, y += p->out_width) {
        row_span rows = bin(p->height, p->out_height, i);
        add_rows(x, rows, p->width, lines);
        for (size_t j = 0; j < p->out_width; j++) {
            row_span columns = bin(p->width, p->out_width, j);
            float total = 0;
            for (size_t k = columns.begin; k < columns.end; k++) {
                total += lines[k];
            }
            y[j] = total / (float)((rows.end - rows.begin) * (columns.end - columns.begin));
        }
    }
}

static void adaptive_average_backward(const hone_pooling *p, const float *dy, float *dx, bool accumulate,
                                      float *lines) {
    size_t fresh = accumulate ? p->height : 0;
    for (size_t i = 0; i < p->out_height; i++, dy += p->out_width) {
        row_span rows = bin(p->height, p->out_height, i);
        memset(lines, 0, p->width * sizeof *lines);
        for (size_t j = 0; j < p->out_width; j++) {
            row_span columns = bin(p->width, p->out_width, j);
            float share = dy[j] / (float)((rows.end - rows.begin) * (columns.end - columns.begin));
            for (size_t k = columns.begin; k < columns.end; k++) {
                lines[k] += share;
            }
        }
        spread_line(lines, rows, p->width, dx, &fresh);
    }
    clear_fresh(dx, fresh, p->height, p->width);
}

static float mean(const float *x, size_t n) {
    double total;
#define ITSELF(v) (v)
    HONE_LANE_SUM(total, x, n, ITSELF);
#undef ITSELF
    return (float)(total / (double)n);
}

static void spread(float value, float *dx, size_t n, bool accumulate) {
    const vf v = v_splat(value);
    if (accumulate) {
        HONE_LOOP(n, { HONE_STORE(dx, HONE_LOAD(dx) + v); });
    } else {
        HONE_LOOP(n, { HONE_STORE(dx, v); });
    }
}
