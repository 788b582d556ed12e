// Scaled dot-product attention in tiles, after Dao, Fu, Ermon, Rudra and Re, "FlashAttention" (2022).
//
// A tile is a few queries by up to some hundred keys: the scores are a product of matrices, the row kernels make
// exponentials of them in place, and a second product takes the values in. What the earlier tiles of a row have come to
// is rescaled whenever a tile brings a larger score. The backward pass makes each tile anew from the rows'
// log-sum-exps. Keys and values are transposed once a head, lest every product does it again. The order of all sums
// follows from the sizes alone.
#include <math.h>
#include <string.h>

#include "../Normalization/scratch.h"
#include "hone/gemm.h"
#include "hone/layout.h"
#include "hone/parallel.h"
#include "hone/random.h"
#include "kernels.h"

static const hone_attention_kernels *const tables[] = HONE_TABLES(hone_attention);

enum {
    tile_queries = 32,
    tile_keys = 512,
    unit_queries = 256,  // of one task; a multiple of tile_queries
    grain = 1 << 16,  // multiply-adds that are worth a thread
};

typedef struct job {
    const hone_attention_kernels *kernels;
    hone_isa isa;
    hone_attention a;
    const float *q, *k, *v;
    uint32_t threshold;
    float kept;
    // Forward.
    float *out, *log_sum_exp;
    // Backward.
    const float *result, *sums, *dout;
    float *dq, *dk, *dv;
    bool accumulate_q, accumulate_k, accumulate_v;
} job;

/// Queries begin ..< begin + count of a head by keys first ..< first + keys.
typedef struct tile {
    size_t head, begin, count, first, keys;
} tile;

/// The first element of a head.
static size_t start_of(const hone_attention *a, hone_heads at, size_t head) {
    size_t heads = a->places.heads_per_batch;
    return head / heads * at.batch + head % heads * at.head;
}

/// Says where heads lie that follow one another.
static void set_places(hone_attention *a) {
    if (!a->places.heads_per_batch) {
        size_t width = a->width, value_width = a->value_width;
        a->places = (hone_attention_places){.heads_per_batch = 1,
                                            .q = {a->queries * width, 0, width},
                                            .k = {a->keys * width, 0, width},
                                            .v = {a->keys * value_width, 0, value_width},
                                            .out = {a->queries * value_width, 0, value_width}};
    }
}

static size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// Keys that any of the queries up to `end` sees.
static size_t keys_seen(const hone_attention *a, size_t end) { return a->causal ? least(a->keys, end) : a->keys; }

/// Row `i` of a tile of scores; the random words for its dropout go to `words`.
static hone_score_row row_of(const job *j, tile t, size_t i, float *scores, uint32_t *words) {
    const hone_attention *a = &j->a;
    size_t query = t.begin + i, visible = a->keys;
    if (a->causal) {
        visible = query + 1;
    }
    visible = visible > t.first ? least(visible - t.first, t.keys) : 0;
    hone_score_row row = {.scores = scores + i * t.keys, .visible = visible, .width = t.keys, .scale = a->scale};
    if (a->mask) {
        row.mask = a->mask + t.head / a->heads_per_mask * a->mask_stride + query * a->mask_row_stride + t.first;
    }
    if (j->threshold) {
        uint64_t element = ((uint64_t)t.head * a->queries + query) * a->keys + t.first;
        hone_random_bits(j->isa, a->key, a->stream, element, words, visible);
        row.words = words;
        row.threshold = j->threshold;
        row.kept = j->kept;
    }
    return row;
}

static void fill(float *x, float value, size_t n) {
    for (size_t i = 0; i < n; i++) {
        x[i] = value;
    }
}

/// Zeroes the first `width` elements of rows that lie `row` apart.
static void fill_rows(float *x, size_t row, size_t count, size_t width) {
    for (size_t i = 0; i < count; i++) {
        memset(x + i * row, 0, width * sizeof(float));
    }
}

/// Scratch memory of a task, in the parts it is used for.
typedef struct parts {
    float *scores, *gradients, *keys, *values;
    uint32_t *words;
    float *rows;  // of a head, side by side
} parts;

static parts task_memory(const hone_attention *a, bool backward) {
    size_t columns = least(tile_keys, a->keys), tile = (size_t)tile_queries * columns;
    size_t values = backward ? a->value_width : 0;
    size_t widest = a->width > a->value_width ? a->width : a->value_width;
    size_t floats = tile * (backward ? 2 : 1) + a->keys * (a->width + values) + columns + a->keys * widest;
    parts p = {.scores = hone_scratch(HONE_SCRATCH_OF_TASK, floats * sizeof(float))};
    p.gradients = p.scores + tile;
    p.keys = p.scores + tile * (backward ? 2 : 1);
    p.values = p.keys + a->keys * a->width;
    p.words = (uint32_t *)(void *)(p.values + a->keys * values);
    p.rows = p.values + a->keys * values + columns;
    return p;
}

/// The transpose of a head's keys or values.
static void transpose_head(const job *j, const float *x, size_t row, size_t width, float *rows, float *transposed) {
    if (row != width) {
        for (size_t i = 0; i < j->a.keys; i++) {
            memcpy(rows + i * width, x + i * row, width * sizeof(float));
        }
        x = rows;
    }
    hone_transpose(j->isa, x, transposed, j->a.keys, width);
}

// Forward.

/// The queries of one tile against all keys that they see.
static void forward_queries(const job *j, size_t head, size_t begin, size_t count, parts m) {
    const hone_attention *a = &j->a;
    const hone_attention_places *at = &a->places;
    const float *q = j->q + start_of(a, at->q, head) + begin * at->q.row, *v = j->v + start_of(a, at->v, head);
    float *out = j->out + start_of(a, at->out, head) + begin * at->out.row;
    hone_running_softmax running[tile_queries];
    for (size_t i = 0; i < count; i++) {
        running[i] = (hone_running_softmax){-INFINITY, 0};
    }
    size_t seen = keys_seen(a, begin + count);
    for (size_t first = 0; first < seen; first += tile_keys) {
        tile t = {head, begin, count, first, least(tile_keys, seen - first)};
        hone_sgemm(j->isa, false, false, count, t.keys, a->width, q, at->q.row, m.keys + first, a->keys, 0, m.scores,
                   t.keys, NULL);
        for (size_t i = 0; i < count; i++) {
            hone_score_row row = row_of(j, t, i, m.scores, m.words);
            float factor = j->kernels->softmax(&row, &running[i]);
            if (first && factor != 1) {
                j->kernels->scale(factor, out + i * at->out.row, a->value_width);
            }
        }
        hone_sgemm(j->isa, false, false, count, a->value_width, t.keys, m.scores, t.keys, v + first * at->v.row,
                   at->v.row, first ? 1 : 0, out, at->out.row, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        // A sum of 0 is that of a row without visible keys: any other has an exponential that is 1.
        if (running[i].sum == 0) {
            fill(out + i * at->out.row, 0, a->value_width);
        } else {
            j->kernels->scale(1 / running[i].sum, out + i * at->out.row, a->value_width);
        }
        if (j->log_sum_exp) {
            j->log_sum_exp[head * a->queries + begin + i] = running[i].largest + logf(running[i].sum);
        }
    }
}

static size_t units_a_head(const hone_attention *a) { return (a->queries + unit_queries - 1) / unit_queries; }

static void forward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_attention *a = &j->a;
    parts m = task_memory(a, false);
    size_t units = units_a_head(a), transposed = SIZE_MAX;
    for (size_t unit = begin; unit < end; unit++) {
        size_t head = unit / units, query = unit % units * unit_queries;
        size_t last = least(a->queries, query + unit_queries);
        if (head != transposed) {
            hone_heads at = a->places.k;
            transpose_head(j, j->k + start_of(a, at, head), at.row, a->width, m.rows, m.keys);
            transposed = head;
        }
        for (; query < last; query += tile_queries) {
            forward_queries(j, head, query, least(tile_queries, last - query), m);
        }
    }
}

/// The threshold and factor of dropout, as hone_dropout has them.
static void set_dropout(job *j) {
    if (j->a.dropout > 0) {
        double limit = ceil((double)j->a.dropout * 0x1p24);
        j->threshold = limit >= 0x1p24 ? 1u << 24 : (uint32_t)limit;
        j->kept = (float)(1.0 / (1.0 - (double)j->a.dropout));
    }
}

static size_t units_worth_a_thread(const hone_attention *a, size_t queries, size_t products) {
    size_t work = queries * a->keys * (a->width + a->value_width) * products;
    return work < grain ? grain / (work ? work : 1) : 1;
}

void hone_attention_forward(hone_isa isa, const hone_attention *a, const float *q, const float *k, const float *v,
                            float *out, float *log_sum_exp) {
    job j = {.kernels = tables[hone_table_row(isa)], .isa = isa, .a = *a, .q = q, .k = k, .v = v, .out = out,
             .log_sum_exp = log_sum_exp};
    set_places(&j.a);
    set_dropout(&j);
    size_t worth = units_worth_a_thread(a, least(a->queries, unit_queries), 1);
    hone_parallel_for(a->heads * units_a_head(a), worth, forward_task, &j);
}

// Backward.

/// With p the probabilities and g = dout v^T (both after dropout), the scores' gradient is ds = p (g - the row's mean),
/// where the mean is that of g under p, which is dout . out. Then dv = p^T dout, dq = ds k, dk = ds^T q.
///
/// The tile with the last queries comes first: it sees all keys that any does, so the gradients of keys and values are
/// written by it, and added to by the others.
static void backward_queries(const job *j, size_t head, size_t begin, size_t count, parts m) {
    const hone_attention *a = &j->a;
    bool is_first = begin + count == a->queries;
    size_t row = head * a->queries + begin, seen = keys_seen(a, begin + count);
    size_t width = a->width, value_width = a->value_width;
    const hone_attention_places *at = &a->places;
    size_t q_start = start_of(a, at->q, head) + begin * at->q.row, k_start = start_of(a, at->k, head);
    size_t v_start = start_of(a, at->v, head), out_start = start_of(a, at->out, head) + begin * at->out.row;
    const float *q = j->q + q_start, *k = j->k + k_start, *dout = j->dout + out_start;
    float *dq = j->dq ? j->dq + q_start : NULL;
    float mean[tile_queries];
    j->kernels->dots(dout, j->result + out_start, at->out.row, count, value_width, mean);
    if (!seen && dq && !j->accumulate_q) {
        fill_rows(dq, at->q.row, count, width);
    }
    for (size_t first = 0; first < seen; first += tile_keys) {
        tile t = {head, begin, count, first, least(tile_keys, seen - first)};
        hone_sgemm(j->isa, false, false, count, t.keys, width, q, at->q.row, m.keys + first, a->keys, 0, m.scores,
                   t.keys, NULL);
        hone_sgemm(j->isa, false, false, count, t.keys, value_width, dout, at->out.row, m.values + first, a->keys, 0,
                   m.gradients, t.keys, NULL);
        for (size_t i = 0; i < count; i++) {
            hone_score_row scores = row_of(j, t, i, m.scores, m.words);
            j->kernels->softmax_backward(&scores, j->sums[row + i], mean[i], m.gradients + i * t.keys);
        }
        if (j->dv) {
            hone_sgemm(j->isa, true, false, t.keys, value_width, count, m.scores, t.keys, dout, at->out.row,
                       is_first && !j->accumulate_v ? 0 : 1, j->dv + v_start + first * at->v.row, at->v.row, NULL);
        }
        if (dq) {
            hone_sgemm(j->isa, false, false, count, width, t.keys, m.gradients, t.keys, k + first * at->k.row,
                       at->k.row, first || j->accumulate_q ? 1 : 0, dq, at->q.row, NULL);
        }
        if (j->dk) {
            hone_sgemm(j->isa, true, false, t.keys, width, count, m.gradients, t.keys, q, at->q.row,
                       is_first && !j->accumulate_k ? 0 : 1, j->dk + k_start + first * at->k.row, at->k.row, NULL);
        }
    }
}

static void backward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_attention *a = &j->a;
    parts m = task_memory(a, true);
    for (size_t head = begin; head < end; head++) {
        hone_heads k_at = a->places.k, v_at = a->places.v;
        size_t k_start = start_of(a, k_at, head), v_start = start_of(a, v_at, head);
        transpose_head(j, j->k + k_start, k_at.row, a->width, m.rows, m.keys);
        transpose_head(j, j->v + v_start, v_at.row, a->value_width, m.rows, m.values);
        size_t seen = a->queries ? keys_seen(a, a->queries) : 0, unseen = a->keys - seen;
        if (j->dk && !j->accumulate_k) {
            fill_rows(j->dk + k_start + seen * k_at.row, k_at.row, unseen, a->width);
        }
        if (j->dv && !j->accumulate_v) {
            fill_rows(j->dv + v_start + seen * v_at.row, v_at.row, unseen, a->value_width);
        }
        for (size_t tiles = (a->queries + tile_queries - 1) / tile_queries; tiles > 0; tiles--) {
            size_t query = (tiles - 1) * tile_queries;
            backward_queries(j, head, query, least(tile_queries, a->queries - query), m);
        }
    }
}

void hone_attention_backward(hone_isa isa, const hone_attention *a, const float *q, const float *k, const float *v,
                             const float *out, const float *log_sum_exp, const float *dout, float *dq, float *dk,
                             float *dv, bool accumulate_q, bool accumulate_k, bool accumulate_v) {
    job j = {.kernels = tables[hone_table_row(isa)], .isa = isa, .a = *a, .q = q, .k = k, .v = v, .result = out,
             .sums = log_sum_exp, .dout = dout, .dq = dq, .dk = dk, .dv = dv, .accumulate_q = accumulate_q,
             .accumulate_k = accumulate_k, .accumulate_v = accumulate_v};
    set_places(&j.a);
    set_dropout(&j);
    hone_parallel_for(a->heads, units_worth_a_thread(a, a->queries, 3), backward_task, &j);
}
