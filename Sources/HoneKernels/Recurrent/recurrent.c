// The walk over the steps of a recurrent layer.
//
// A sequence is sequential in time alone: the batch is cut into groups of rows by its size, and each group is one task
// that takes all its steps without waiting for any other. Forward, the weight is transposed once a call, in panels whose
// rows lie side by side, lest every step's product does it again.
#include <string.h>

#include "../Normalization/scratch.h"
#include "hone/gemm.h"
#include "hone/layout.h"
#include "hone/parallel.h"
#include "kernels.h"

static const hone_recurrent_kernels *const tables[] = HONE_TABLES(hone_recurrent);

enum {
    group_rows = 16,  // of the batch, at most, in a task
    panel_columns = 64,
    grain = 1 << 18,  // multiply-adds that are worth a thread
};

typedef struct job {
    const hone_recurrent_kernels *kernels;
    hone_isa isa;
    hone_recurrent r;
    size_t width;  // of all gates
    size_t step, entry;  // rows from a step, and from an entry of the batch, to the next
    size_t groups;
    const float *weight, *bias, *first, *first_cell;
    float *gates, *products, *cells, *out;
    // Forward.
    float *panels;
    // Backward.
    const float *dout;
    float *state, *cell, *former;
} job;

size_t hone_cell_gates(hone_cell cell) { return cell == HONE_CELL_LSTM ? 4 : cell == HONE_CELL_GRU ? 3 : 1; }

static job make_job(hone_isa isa, const hone_recurrent *r) {
    return (job){
        .kernels = tables[hone_table_row(isa)], .isa = isa, .r = *r,
        .width = hone_cell_gates(r->cell) * r->hidden,
        .step = r->batch_first ? 1 : r->batch,
        .entry = r->batch_first ? r->time : 1,
        .groups = (r->batch + group_rows - 1) / group_rows,
    };
}

/// Groups that are worth a thread.
static size_t groups_a_thread(const job *j) {
    size_t work = group_rows * j->r.time * j->r.hidden * j->width;
    return work < grain ? grain / (work ? work : 1) : 1;
}

/// Where the rows of one step lie: the first of a group, and how far apart they are.
typedef struct place {
    size_t row, former;  // the second is that of the step before
    bool is_first;
} place;

/// The place of a group at the `number`-th step that is taken.
static place place_of(const job *j, size_t number, size_t begin) {
    size_t time = j->r.reverse ? j->r.time - 1 - number : number;
    size_t before = j->r.reverse ? time + 1 : time - 1;
    size_t row = begin * j->entry;
    return (place){row + time * j->step, number ? row + before * j->step : 0, number == 0};
}

static hone_cell_row row_of(const job *j, place p, size_t begin, size_t i) {
    size_t n = j->r.hidden, row = p.row + i * j->entry, former = p.former + i * j->entry, entry = (begin + i) * n;
    hone_cell_row cell = {.n = n, .gates = j->gates + row * j->width, .out = j->out + row * n};
    cell.former = p.is_first ? j->first + entry : j->out + former * n;
    if (j->r.cell == HONE_CELL_GRU) cell.products = j->products + row * j->width;
    if (j->r.cell == HONE_CELL_LSTM) {
        cell.cell = j->cells + row * n;
        cell.former_cell = p.is_first ? j->first_cell + entry : j->cells + former * n;
    }
    if (j->dout) {
        cell.dout = j->dout + row * n;
        cell.state = j->state + entry;
        if (j->r.cell == HONE_CELL_LSTM) cell.state_cell = j->cell + entry;
    }
    return cell;
}

static void transpose_panels(void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t panel = begin; panel < end; panel++) {
        size_t first = panel * panel_columns, columns = j->width - first;
        columns = columns < panel_columns ? columns : panel_columns;
        hone_transpose(j->isa, j->weight + first * j->r.hidden, j->panels + first * j->r.hidden, columns, j->r.hidden);
    }
}

/// The product of a group's former states, added to the input's or, of a GRU, by itself.
static void multiply_states(const job *j, place p, size_t begin, size_t rows) {
    size_t n = j->r.hidden;
    bool apart = j->r.cell == HONE_CELL_GRU;
    const float *state = p.is_first ? j->first + begin * n : j->out + p.former * n;
    size_t stride = p.is_first ? n : j->entry * n;
    float *target = (apart ? j->products : j->gates) + p.row * j->width;
    for (size_t first = 0; first < j->width; first += panel_columns) {
        size_t columns = j->width - first < panel_columns ? j->width - first : panel_columns;
        hone_epilogue end = {.bias = j->bias ? j->bias + first : NULL, .activation = HONE_ACTIVATION_NONE};
        hone_sgemm(j->isa, false, false, rows, columns, n, state, stride, j->panels + first * n, columns,
                   apart ? 0 : 1, target + first, j->entry * j->width, &end);
    }
}

static void forward_task(void *context, size_t first_group, size_t end_group) {
    const job *j = context;
    for (size_t group = first_group; group < end_group; group++) {
        size_t begin = j->r.batch * group / j->groups, rows = j->r.batch * (group + 1) / j->groups - begin;
        for (size_t number = 0; number < j->r.time; number++) {
            place p = place_of(j, number, begin);
            multiply_states(j, p, begin, rows);
            for (size_t i = 0; i < rows; i++) {
                hone_cell_row row = row_of(j, p, begin, i);
                j->kernels->forward[j->r.cell](&row);
            }
        }
    }
}

void hone_recurrent_forward(hone_isa isa, const hone_recurrent *r, const float *weight, const float *bias,
                            const float *first, const float *first_cell, float *gates, float *products, float *cells,
                            float *out) {
    job j = make_job(isa, r);
    j.weight = weight;
    j.bias = bias;
    j.first = first;
    j.first_cell = first_cell;
    j.gates = gates;
    j.products = products;
    j.cells = cells;
    j.out = out;
    j.panels = hone_scratch(HONE_SCRATCH_OF_PARAMETERS, j.width * r->hidden * sizeof(float));
    hone_parallel_for((j.width + panel_columns - 1) / panel_columns, 4, transpose_panels, &j);
    hone_parallel_for(j.groups, groups_a_thread(&j), forward_task, &j);
}

static void backward_task(void *context, size_t first_group, size_t end_group) {
    const job *j = context;
    size_t n = j->r.hidden;
    bool apart = j->r.cell == HONE_CELL_GRU;
    for (size_t group = first_group; group < end_group; group++) {
        size_t begin = j->r.batch * group / j->groups, rows = j->r.batch * (group + 1) / j->groups - begin;
        for (size_t number = j->r.time; number-- > 0;) {
            place p = place_of(j, number, begin);
            for (size_t i = 0; i < rows; i++) {
                hone_cell_row row = row_of(j, p, begin, i);
                memcpy(j->former + (p.row + i * j->entry) * n, row.former, n * sizeof(float));
                j->kernels->backward[j->r.cell](&row);
            }
            // A GRU's state also reaches the next one past the gates.
            const float *slopes = (apart ? j->products : j->gates) + p.row * j->width;
            hone_sgemm(j->isa, false, false, rows, n, j->width, slopes, j->entry * j->width, j->weight, n,
                       apart ? 1 : 0, j->state + begin * n, n, NULL);
        }
    }
}

void hone_recurrent_backward(hone_isa isa, const hone_recurrent *r, const float *weight, const float *first,
                             const float *first_cell, float *gates, float *products, const float *cells,
                             const float *out, const float *dout, float *state, float *cell, float *former) {
    job j = make_job(isa, r);
    j.weight = weight;
    j.first = first;
    j.first_cell = first_cell;
    j.gates = gates;
    j.products = products;
    // The rows of cells and outputs are read alone in this direction.
    j.cells = (float *)cells;
    j.out = (float *)out;
    j.dout = dout;
    j.state = state;
    j.cell = cell;
    j.former = former;
    hone_parallel_for(j.groups, groups_a_thread(&j), backward_task, &j);
}
