// Layer normalisation (Ba, Kiros and Hinton 2016) and RMS normalisation (Zhang and Sennrich 2019) of rows.
#include "layer_norm.h"

#include "hone/parallel.h"
#include "scratch.h"

static const hone_normalization_kernels *const tables[] = HONE_TABLES(hone_normalization);

enum {
    most_pieces = 32,  // that the rows are cut into for the gradients of gamma and beta
    float_rows = 64,  // rows of a group whose gradients are summed in floats
    column_grain = 512,
};

static void forward_task(void *context, size_t begin, size_t end) {
    const hone_rows_job *j = context;
    hone_norm_rows r = j->rows;
    r.first = begin;
    r.rows = end - begin;
    size_t at = begin * r.length;
    j->kernels->rows(&r, j->x + at, j->y + at, j->mean_out ? j->mean_out + begin : NULL,
                     j->rstd_out ? j->rstd_out + begin : NULL);
}

void hone_rows_forward(hone_isa isa, hone_rows_job *j) {
    if (j->rows.rows && j->rows.length) {
        j->kernels = tables[hone_table_row(isa)];
        hone_parallel_for(j->rows.rows, hone_norm_grain(j->rows.length), forward_task, j);
    }
}

static void run_rows(const hone_rows_job *j, size_t begin, size_t end, float *dgamma, float *dbeta) {
    hone_norm_rows r = j->rows;
    r.first = begin;
    r.rows = end - begin;
    size_t at = begin * r.length;
    j->kernels->rows_backward(&r, j->x + at, j->mean ? j->mean + begin : NULL, j->rstd + begin, j->dy + at,
                              j->dx ? j->dx + at : NULL, j->accumulate, dgamma, dbeta);
}

static void rows_task(void *context, size_t begin, size_t end) { run_rows(context, begin, end, NULL, NULL); }

/// The parameters' gradients over one group of rows: [groups, length] of gamma's, then of beta's.
static void pieces_task(void *context, size_t begin, size_t end) {
    const hone_rows_job *j = context;
    size_t width = j->rows.groups * j->rows.length, step = float_rows * j->rows.groups;
    float *run = hone_scratch(HONE_SCRATCH_OF_TASK, 2 * width * sizeof *run);
    for (size_t piece = begin; piece < end; piece++) {
        double *sums = j->partial + piece * 2 * width;
        for (size_t i = 0; i < 2 * width; i++) {
            sums[i] = 0;
        }
        size_t last = hone_norm_begin(j->rows.rows, j->pieces, piece + 1);
        for (size_t row = hone_norm_begin(j->rows.rows, j->pieces, piece); row < last;) {
            size_t stop = row + hone_norm_least(step, last - row);
            for (size_t i = 0; i < 2 * width; i++) {
                run[i] = 0;
            }
            run_rows(j, row, stop, j->dgamma ? run : NULL, j->dbeta ? run + width : NULL);
            for (size_t i = 0; i < 2 * width; i++) {
                sums[i] += (double)run[i];
            }
            row = stop;
        }
    }
}

/// Joins the pieces' sums for the parameters begin ..< end; each is spread over `repeat` columns.
static void join_task(void *context, size_t begin, size_t end) {
    const hone_rows_job *j = context;
    size_t width = j->rows.groups * j->rows.length;
    for (int which = 0; which < 2; which++) {
        float *to = which ? j->dbeta : j->dgamma;
        for (size_t i = begin; to && i < end; i++) {
            double total = j->accumulate_parameters ? (double)to[i] : 0;
            for (size_t piece = 0; piece < j->pieces; piece++) {
                const double *sums = j->partial + (piece * 2 + (size_t)which) * width + i * j->repeat;
                for (size_t k = 0; k < j->repeat; k++) {
                    total += sums[k];
                }
            }
            to[i] = (float)total;
        }
    }
}

void hone_rows_backward(hone_isa isa, hone_rows_job *j) {
    size_t count = j->rows.rows, length = j->rows.length;
    if (!length) {
        return;
    }
    j->kernels = tables[hone_table_row(isa)];
    if (!j->dgamma && !j->dbeta) {
        if (j->dx) {
            hone_parallel_for(count, hone_norm_grain(length), rows_task, j);
        }
        return;
    }
    size_t width = j->rows.groups * length;
    j->pieces = hone_norm_least(count / (float_rows / 4 * j->rows.groups), count * length / (HONE_NORM_GRAIN / 4));
    j->pieces = j->pieces < 1 ? 1 : hone_norm_least(j->pieces, most_pieces);
    j->partial = hone_scratch(HONE_SCRATCH_OF_CALL, j->pieces * 2 * width * sizeof *j->partial);
    hone_parallel_for(j->pieces, hone_norm_grain(count * length / j->pieces), pieces_task, j);
    hone_parallel_for(width / j->repeat, column_grain, join_task, j);
}

void hone_layer_norm(hone_isa isa, size_t rows, size_t length, float epsilon, const float *x, const float *gamma,
                     const float *beta, float *y, float *mean, float *rstd) {
    hone_rows_job j = {.rows = {0, rows, length, 1, epsilon, true, gamma, beta}, .x = x, .y = y, .mean_out = mean,
                       .rstd_out = rstd};
    hone_rows_forward(isa, &j);
}

void hone_layer_norm_backward(hone_isa isa, size_t rows, size_t length, const float *x, const float *gamma,
                              const float *mean, const float *rstd, const float *dy, float *dx, float *dgamma,
                              float *dbeta, bool accumulate, bool accumulate_parameters) {
    hone_rows_job j = {.rows = {0, rows, length, 1, 0, true, gamma, NULL}, .x = x, .mean = mean, .rstd = rstd, .dy = dy,
                       .dx = dx, .dgamma = dgamma, .dbeta = dbeta, .accumulate = accumulate,
                       .accumulate_parameters = accumulate_parameters, .repeat = 1};
    hone_rows_backward(isa, &j);
}

void hone_rms_norm(hone_isa isa, size_t rows, size_t length, float epsilon, const float *x, const float *gamma,
                   float *y, float *rstd) {
    hone_rows_job j = {.rows = {0, rows, length, 1, epsilon, false, gamma, NULL}, .x = x, .y = y, .rstd_out = rstd};
    hone_rows_forward(isa, &j);
}

void hone_rms_norm_backward(hone_isa isa, size_t rows, size_t length, const float *x, const float *gamma,
                            const float *rstd, const float *dy, float *dx, float *dgamma, bool accumulate,
                            bool accumulate_parameters) {
    hone_rows_job j = {.rows = {0, rows, length, 1, 0, false, gamma, NULL}, .x = x, .rstd = rstd, .dy = dy, .dx = dx,
                       .dgamma = dgamma, .accumulate = accumulate, .accumulate_parameters = accumulate_parameters,
                       .repeat = 1};
    hone_rows_backward(isa, &j);
}
