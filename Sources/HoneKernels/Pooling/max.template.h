// Max pooling.

/// Windows of 2 x 2, two rows at a time.
HONE_INLINE void max_of_pairs(const hone_pooling *p, const float *x, float *y, int32_t *indices, bool indexed) {
    for (size_t i = 0; i < p->out_height; i++) {
        for (size_t at = 0; at < p->out_width; at += HONE_LANES) {
            size_t left = p->out_width - at, count = left < HONE_LANES ? left : HONE_LANES;
            const float *from = x + 2 * i * p->width + 2 * at;
            vf v[4];
            load_pairs(from, count, &v[0], &v[1]);
            load_pairs(from + p->width, count, &v[2], &v[3]);
            vf best = v[0];
            vi place = vi_splat(0);
            for (int k = 1; k < 4; k++) {
                vi better = (v[k] > best) | (v[k] != v[k]);
                best = better ? v[k] : best;
                if (indexed) {
                    place = better ? vi_splat(k < 2 ? k : (int32_t)p->width + k - 2) : place;
                }
            }
            if (indexed) {
                place = place + 2 * V_LANE_INDEX + (int32_t)(from - x);
                if (count == HONE_LANES) {
                    vi_store(indices + at, place);
                } else {
                    vi_store_part(indices + at, place, count);
                }
            }
            if (count == HONE_LANES) {
                v_store(y + at, best);
            } else {
                v_store_part(y + at, best, count);
            }
        }
        y += p->out_width;
        if (indexed) {
            indices += p->out_width;
        }
    }
}

/// Windows of any kind. Rows are taken apart once and kept as long as windows read them.
HONE_INLINE void max_of_windows(const hone_pooling_plan *plan, const float *x, float *y, int32_t *indices, float *lines,
                                ptrdiff_t *held, bool indexed) {
    const hone_pooling *p = &plan->p;
    const int32_t stride = (int32_t)p->stride_width, dilation_width = (int32_t)p->dilation_width;
    const size_t *taps = plan->taps, count_of_taps = p->kernel_width;
    const uint32_t ring_rows = (uint32_t)plan->ring_rows;
    for (size_t slot = 0; slot < ring_rows; slot++) {
        held[slot] = -1;
    }
    for (size_t i = 0; i < p->out_height; i++) {
        const ptrdiff_t dilation = (ptrdiff_t)p->dilation_height;
        ptrdiff_t top = (ptrdiff_t)(i * p->stride_height) - (ptrdiff_t)p->pad_height;
        ptrdiff_t first = top < 0 ? top + (-top + dilation - 1) / dilation * dilation : top;
        ptrdiff_t end = top + (ptrdiff_t)p->kernel_height * dilation;
        end = end < (ptrdiff_t)p->height ? end : (ptrdiff_t)p->height;
        for (ptrdiff_t row = first; row < end; row += dilation) {
            size_t slot = (uint32_t)row % ring_rows;
            if (held[slot] != row) {
                take_apart(plan, x + (size_t)row * p->width, lines + slot * plan->phases.row);
                held[slot] = row;
            }
        }
        for (size_t at = 0; at < p->out_width; at += HONE_LANES) {
            size_t left = p->out_width - at, count = left < HONE_LANES ? left : HONE_LANES;
            vf best = v_splat(-INFINITY);
            vi place = vi_splat(-1);
            if (indexed && first < end) {
                vi column = count == HONE_LANES ? vi_load(plan->first_column + at)
                                                : vi_load_part(plan->first_column + at, count);
                place = column < 0 ? place : column + (int32_t)((size_t)first * p->width);
            }
            const vi windows = (V_LANE_INDEX + (int32_t)at) * stride - (int32_t)p->pad_width;
            for (ptrdiff_t row = first; row < end; row += dilation) {
                const float *line = lines + (uint32_t)row % ring_rows * plan->phases.row + at;
                vi column = windows + (int32_t)((size_t)row * p->width);
                for (size_t tap = 0; tap < count_of_taps; tap++) {
                    vf v = v_load(line + taps[tap]);
                    vi better = (v > best) | (v != v);
                    best = better ? v : best;
                    if (indexed) {
                        place = better ? column : place;
                        column += dilation_width;
                    }
                }
            }
            if (count == HONE_LANES) {
                v_store(y + at, best);
            } else {
                v_store_part(y + at, best, count);
            }
            if (indexed && count == HONE_LANES) {
                vi_store(indices + at, place);
            } else if (indexed) {
                vi_store_part(indices + at, place, count);
            }
        }
        y += p->out_width;
        if (indexed) {
            indices += p->out_width;
        }
    }
}

static void max_plane(const hone_pooling_plan *plan, const float *x, float *y, int32_t *indices, float *lines,
                      ptrdiff_t *held) {
    if (plan->pairs && indices) {
        max_of_pairs(&plan->p, x, y, indices, true);
    } else if (plan->pairs) {
        max_of_pairs(&plan->p, x, y, NULL, false);
    } else if (indices) {
        max_of_windows(plan, x, y, indices, lines, held, true);
    } else {
        max_of_windows(plan, x, y, NULL, lines, held, false);
    }
}

HONE_INLINE void pairs_backward(const hone_pooling *p, const int32_t *indices, const float *dy, float *dx,
                                bool accumulate) {
    for (size_t i = 0; i < p->out_height; i++, dy += p->out_width, indices += p->out_width) {
        float *to = dx + 2 * i * p->width;
        for (size_t at = 0; at < p->out_width; at += HONE_LANES) {
            size_t left = p->out_width - at, count = left < HONE_LANES ? left : HONE_LANES;
            vf d = count == HONE_LANES ? v_load(dy + at) : v_load_part(dy + at, count);
            vi place = count == HONE_LANES ? vi_load(indices + at) : vi_load_part(indices + at, count);
            place = place - 2 * V_LANE_INDEX - (int32_t)(2 * i * p->width + 2 * at);
            const vf none = v_splat(0.0f);
            const int32_t below = (int32_t)p->width;
            store_pairs(to + 2 * at, count, place == 0 ? d : none, place == 1 ? d : none, accumulate);
            store_pairs(to + p->width + 2 * at, count, place == below ? d : none, place == below + 1 ? d : none,
                        accumulate);
        }
        if (!accumulate) {
            clear_beside_pairs(p, to);
        }
    }
    if (!accumulate) {
        clear_fresh(dx, 2 * p->out_height, p->height, p->width);
    }
}

static void max_backward(const hone_pooling_plan *plan, const int32_t *indices, const float *dy, float *dx,
                         bool accumulate) {
    const hone_pooling *p = &plan->p;
    if (plan->pairs && accumulate) {
        pairs_backward(p, indices, dy, dx, true);
        return;
    }
    if (plan->pairs) {
        pairs_backward(p, indices, dy, dx, false);
        return;
    }
    if (!accumulate) {
        memset(dx, 0, p->height * p->width * sizeof *dx);
    }
    for (size_t i = 0; i < p->out_height * p->out_width; i++) {
        if (indices[i] >= 0) {
            dx[indices[i]] += dy[i];
        }
    }
}
