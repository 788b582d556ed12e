// Element-wise kernels of one shape: which instruction set, and how many threads.
#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_elementwise_kernels *const tables[] = HONE_TABLES(hone_elementwise);

/// What every task of this file works on; each uses the fields it needs.
typedef struct job {
    const hone_elementwise_kernels *kernels;
    int op;
    const void *a, *b;
    void *out;
    float *slopes;
    const int32_t *condition;
    float low, high;
    size_t n;
    bool flag;
} job;

/// Whether an operation costs enough arithmetic to be worth a second thread early.
static bool is_costly(hone_unary_op op) {
    switch (op) {
    case HONE_NEG:
    case HONE_SQUARE:
    case HONE_ABS:
    case HONE_SIGN:
    case HONE_RELU:
    case HONE_FLOOR:
    case HONE_ROUND:
        return false;
    default:
        return true;
    }
}

static bool is_costly_activation(hone_activation_op op) {
    return op == HONE_ELU || op == HONE_SELU || op == HONE_SOFTPLUS_OF || op == HONE_MISH;
}

#define HONE_RANGE(j, first, last, from, count) \
    size_t from = (first) * HONE_BLOCK;         \
    size_t count = hone_block_end(last, (j)->n) - from

static void unary_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->unary[j->op]((const float *)j->a + from, (float *)j->out + from, count);
}

void hone_unary(hone_isa isa, hone_unary_op op, const float *x, float *y, size_t n) {
    const hone_elementwise_kernels *kernels = tables[hone_table_row(isa)];
    if (n <= HONE_PARALLEL_FROM / 4) {
        kernels->unary[op](x, y, n);
        return;
    }
    job j = {.kernels = kernels, .op = (int)op, .a = x, .out = y, .n = n};
    hone_for_blocks(n, is_costly(op) ? HONE_PARALLEL_FROM / 4 : HONE_PARALLEL_FROM, unary_task, &j);
}

static void unary_with_slope_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->unary_with_slope[j->op - HONE_GELU]((const float *)j->a + from, (float *)j->out + from,
                                                    j->slopes + from, count);
}

void hone_unary_with_slope(hone_isa isa, hone_unary_op op, const float *x, float *y, float *slopes, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .op = (int)op, .a = x, .out = y, .slopes = slopes, .n = n};
    hone_for_blocks(n, HONE_PARALLEL_FROM / 4, unary_with_slope_task, &j);
}

static void unary_backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    const float *saved = j->a ? (const float *)j->a + from : NULL;
    j->kernels->unary_backward[j->op](saved, (const float *)j->b + from, (float *)j->out + from, count, j->flag);
}

void hone_unary_backward(hone_isa isa, hone_unary_op op, const float *saved, const float *dy, float *dx, size_t n,
                         bool accumulate) {
    const hone_elementwise_kernels *kernels = tables[hone_table_row(isa)];
    if (n <= HONE_PARALLEL_FROM / 4) {
        kernels->unary_backward[op](saved, dy, dx, n, accumulate);
        return;
    }
    job j = {.kernels = kernels, .op = (int)op, .a = saved, .b = dy, .out = dx, .n = n, .flag = accumulate};
    hone_for_blocks(n, is_costly(op) ? HONE_PARALLEL_FROM / 4 : HONE_PARALLEL_FROM, unary_backward_task, &j);
}

static void activate_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->activation[j->op]((const float *)j->a + from, j->low, j->high, (float *)j->out + from, count);
}

void hone_activate(hone_isa isa, hone_activation_op op, const float *x, float a, float b, float *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .op = (int)op, .a = x, .out = y, .low = a, .high = b, .n = n};
    if (n <= HONE_PARALLEL_FROM / 4) {
        j.kernels->activation[op](x, a, b, y, n);
    } else {
        hone_for_blocks(n, is_costly_activation(op) ? HONE_PARALLEL_FROM / 4 : HONE_PARALLEL_FROM, activate_task, &j);
    }
}

static void activate_backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->activation_backward[j->op]((const float *)j->a + from, j->low, j->high, (const float *)j->b + from,
                                           (float *)j->out + from, count, j->flag);
}

void hone_activate_backward(hone_isa isa, hone_activation_op op, const float *x, float a, float b, const float *dy,
                            float *dx, size_t n, bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .op = (int)op, .a = x, .b = dy, .out = dx, .low = a, .high = b,
             .n = n, .flag = accumulate};
    if (n <= HONE_PARALLEL_FROM / 4) {
        j.kernels->activation_backward[op](x, a, b, dy, dx, n, accumulate);
    } else {
        hone_for_blocks(n, is_costly_activation(op) ? HONE_PARALLEL_FROM / 4 : HONE_PARALLEL_FROM,
                        activate_backward_task, &j);
    }
}

static void binary_scalar_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    const float *x = (const float *)j->a + from;
    float *y = (float *)j->out + from;
    if (j->flag) {
        j->kernels->binary[j->op][HONE_B_MOVES](&j->low, 0, x, 0, y, 1, count);
    } else {
        j->kernels->binary[j->op][HONE_A_MOVES](x, 0, &j->low, 0, y, 1, count);
    }
}

void hone_binary_scalar(hone_isa isa, hone_binary_op op, const float *x, float scalar, bool scalar_first, float *y,
                        size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .op = (int)op, .a = x, .out = y, .low = scalar, .n = n,
             .flag = scalar_first};
    size_t least = op == HONE_POW ? HONE_PARALLEL_FROM / 8 : HONE_PARALLEL_FROM;
    if (n <= least) {
        binary_scalar_task(&j, 0, hone_blocks(n));
    } else {
        hone_for_blocks(n, least, binary_scalar_task, &j);
    }
}

static void axpy_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->axpy(j->low, (const float *)j->a + from, (float *)j->out + from, count);
}

void hone_axpy(hone_isa isa, float alpha, const float *x, float *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = x, .out = y, .low = alpha, .n = n};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->axpy(alpha, x, y, n);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, axpy_task, &j);
    }
}

static void scale_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->scale(j->low, (float *)j->out + from, count);
}

void hone_scale(hone_isa isa, float alpha, float *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .out = y, .low = alpha, .n = n};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->scale(alpha, y, n);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, scale_task, &j);
    }
}

static void fill_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->fill(j->low, (float *)j->out + from, count);
}

void hone_fill(hone_isa isa, float value, float *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .out = y, .low = value, .n = n};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->fill(value, y, n);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, fill_task, &j);
    }
}

static void multiply_add_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->multiply_add((const float *)j->a + from, (const float *)j->b + from, (float *)j->out + from, count);
}

void hone_multiply_add(hone_isa isa, const float *a, const float *b, float *out, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = a, .b = b, .out = out, .n = n};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->multiply_add(a, b, out, n);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, multiply_add_task, &j);
    }
}

static void clamp_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->clamp((const float *)j->a + from, j->low, j->high, (float *)j->out + from, count);
}

void hone_clamp(hone_isa isa, const float *x, float low, float high, float *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = x, .out = y, .low = low, .high = high, .n = n};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->clamp(x, low, high, y, n);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, clamp_task, &j);
    }
}

static void clamp_backward_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->clamp_backward((const float *)j->a + from, j->low, j->high, (const float *)j->b + from,
                               (float *)j->out + from, count, j->flag);
}

void hone_clamp_backward(hone_isa isa, const float *x, float low, float high, const float *dy, float *dx, size_t n,
                         bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = x, .b = dy, .out = dx, .low = low, .high = high, .n = n,
             .flag = accumulate};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->clamp_backward(x, low, high, dy, dx, n, accumulate);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, clamp_backward_task, &j);
    }
}

static void select_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->select(j->condition + from, (const float *)j->a + from, (const float *)j->b + from,
                       (float *)j->out + from, count);
}

void hone_select(hone_isa isa, const int32_t *condition, const float *a, const float *b, float *out, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = a, .b = b, .out = out, .condition = condition, .n = n};
    if (n <= HONE_PARALLEL_FROM) {
        j.kernels->select(condition, a, b, out, n);
    } else {
        hone_for_blocks(n, HONE_PARALLEL_FROM, select_task, &j);
    }
}

static void to_float_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->to_float((const int32_t *)j->a + from, (float *)j->out + from, count);
}

void hone_int32_to_float(hone_isa isa, const int32_t *x, float *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = x, .out = y, .n = n};
    hone_for_blocks(n, HONE_PARALLEL_FROM, to_float_task, &j);
}

static void to_int32_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->to_int32((const float *)j->a + from, (int32_t *)j->out + from, count);
}

void hone_float_to_int32(hone_isa isa, const float *x, int32_t *y, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .a = x, .out = y, .n = n};
    hone_for_blocks(n, HONE_PARALLEL_FROM, to_int32_task, &j);
}
