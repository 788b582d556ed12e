// All recurrent kernels of one instruction set, and their table. Forward, each replaces the gates' sums by the gates;
// backward, the gates by the gradients of their sums.
#include "../VectorMath/exponential.h"
#include "../VectorMath/loops.h"
#include "kernels.h"

static void tanh_forward(const hone_cell_row *row) {
    HONE_LOOP(row->n, { HONE_STORE(row->out, v_tanh(HONE_LOAD(row->gates))); });
}

static void tanh_backward(const hone_cell_row *row) {
    HONE_LOOP(row->n, {
        vf y = HONE_LOAD(row->out);
        vf d = HONE_LOAD(row->dout) + HONE_LOAD(row->state);
        HONE_STORE(row->gates, d * (1.0f - y * y));
    });
}

static void relu_forward(const hone_cell_row *row) {
    HONE_LOOP(row->n, {
        vf x = HONE_LOAD(row->gates);
        HONE_STORE(row->out, v_maximum(x, v_splat(0.0f)));
    });
}

static void relu_backward(const hone_cell_row *row) {
    HONE_LOOP(row->n, {
        vf d = HONE_LOAD(row->dout) + HONE_LOAD(row->state);
        HONE_STORE(row->gates, HONE_LOAD(row->out) > 0.0f ? d : v_splat(0.0f));
    });
}

static void lstm_forward(const hone_cell_row *row) {
    const size_t n = row->n;
    float *input = row->gates, *forget = input + n, *new = forget + n, *output = new + n;
    HONE_LOOP(n, {
        vf i = v_sigmoid(HONE_LOAD(input));
        vf f = v_sigmoid(HONE_LOAD(forget));
        vf g = v_tanh(HONE_LOAD(new));
        vf o = v_sigmoid(HONE_LOAD(output));
        vf c = v_fma(f, HONE_LOAD(row->former_cell), i * g);
        HONE_STORE(input, i);
        HONE_STORE(forget, f);
        HONE_STORE(new, g);
        HONE_STORE(output, o);
        HONE_STORE(row->cell, c);
        HONE_STORE(row->out, o * v_tanh(c));
    });
}

static void lstm_backward(const hone_cell_row *row) {
    const size_t n = row->n;
    float *input = row->gates, *forget = input + n, *new = forget + n, *output = new + n;
    HONE_LOOP(n, {
        vf i = HONE_LOAD(input);
        vf f = HONE_LOAD(forget);
        vf g = HONE_LOAD(new);
        vf o = HONE_LOAD(output);
        vf t = v_tanh(HONE_LOAD(row->cell));
        vf d = HONE_LOAD(row->dout) + HONE_LOAD(row->state);
        vf dc = v_fma(d * o, 1.0f - t * t, HONE_LOAD(row->state_cell));
        HONE_STORE(input, dc * g * (i * (1.0f - i)));
        HONE_STORE(forget, dc * HONE_LOAD(row->former_cell) * (f * (1.0f - f)));
        HONE_STORE(new, dc * i * (1.0f - g * g));
        HONE_STORE(output, d * t * (o * (1.0f - o)));
        HONE_STORE(row->state_cell, dc * f);
    });
}

static void gru_forward(const hone_cell_row *row) {
    const size_t n = row->n;
    float *reset = row->gates, *update = reset + n, *new = update + n;
    const float *of_reset = row->products, *of_update = of_reset + n, *of_new = of_update + n;
    HONE_LOOP(n, {
        vf r = v_sigmoid(HONE_LOAD(reset) + HONE_LOAD(of_reset));
        vf z = v_sigmoid(HONE_LOAD(update) + HONE_LOAD(of_update));
        vf m = v_tanh(v_fma(r, HONE_LOAD(of_new), HONE_LOAD(new)));
        HONE_STORE(reset, r);
        HONE_STORE(update, z);
        HONE_STORE(new, m);
        HONE_STORE(row->out, v_fma(z, HONE_LOAD(row->former) - m, m));
    });
}

static void gru_backward(const hone_cell_row *row) {
    const size_t n = row->n;
    float *reset = row->gates, *update = reset + n, *new = update + n;
    float *of_reset = row->products, *of_update = of_reset + n, *of_new = of_update + n;
    HONE_LOOP(n, {
        vf r = HONE_LOAD(reset);
        vf z = HONE_LOAD(update);
        vf m = HONE_LOAD(new);
        vf d = HONE_LOAD(row->dout) + HONE_LOAD(row->state);
        vf dm = d * (1.0f - z) * (1.0f - m * m);
        vf dz = d * (HONE_LOAD(row->former) - m) * (z * (1.0f - z));
        vf dr = dm * HONE_LOAD(of_new) * (r * (1.0f - r));
        HONE_STORE(reset, dr);
        HONE_STORE(update, dz);
        HONE_STORE(new, dm);
        HONE_STORE(of_reset, dr);
        HONE_STORE(of_update, dz);
        HONE_STORE(of_new, dm * r);
        HONE_STORE(row->state, d * z);
    });
}

const hone_recurrent_kernels HONE_VARIANT(hone_recurrent) = {
    .forward = {tanh_forward, relu_forward, lstm_forward, gru_forward},
    .backward = {tanh_backward, relu_backward, lstm_backward, gru_backward},
};
