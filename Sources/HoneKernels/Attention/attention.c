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

/// Scratch memory of a task, in the parts it is used for.
typedef struct parts {
    float *scores, *gradients, *keys, *values;
    uint32_t *words;
} parts;

static parts task_memory(const hone_attention *a, bool backward) {
    size_t columns = least(tile_keys, a->keys), tile = (size_t)tile_queries * columns;
    size_t values = backward ? a->value_width : 0;
    size_t floats = tile * (backward ? 2 : 1) + a->keys * (a->width + values) + columns;
    parts p = {.scores = hone_scratch(HONE_SCRATCH_OF_TASK, floats * sizeof(float))};
    p.gradients = p.scores + tile;
    p.keys = p.scores + tile * (backward ? 2 : 1);
    p.values = p.keys + a->keys * a->width;
    p.words = (uint32_t *)(void *)(p.values + a->keys * values);
    return p;
}

// Forward.

/// The queries of one tile against all keys that they see.
static void forward_queries(const job *j, size_t head, size_t begin, size_t count, parts m) {
    const hone_attention *a = &j->a;
    const float *q = j->q + (head * a->queries + begin) * a->width, *v = j->v + head * a->keys * a->value_width;
    float *out = j->out + (head * a->queries + begin) * a->value_width;
    hone_running_softmax running[tile_queries];
    for (size_t i = 0; i < count; i++) {
        running[i] = (hone_running_softmax){-INFINITY, 0};
    }
    size_t seen = keys_seen(a, begin + count);
    for (size_t first = 0; first < seen; first += tile_keys) {
        tile t = {head, begin, count, first, least(tile_keys, seen - first)};
        hone_sgemm(j->isa, false, false, count, t.keys, a->width, q, a->width, m.keys + first, a->keys, 0, m.scores,
                   t.keys, NULL);
        for (size_t i = 0; i < count; i++) {
            hone_score_row row = row_of(j, t, i, m.scores, m.words);
            float factor = j->kernels->softmax(&row, &running[i]);
            if (first && factor != 1) {
                j->kernels->scale(factor, out + i * a->value_width, a->value_width);
            }
        }
        hone_sgemm(j->isa, false, false, count, a->value_width, t.keys, m.scores, t.keys, v + first * a->value_width,
                   a->value_width, first ? 1 : 0, out, a->value_width, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        // A sum of 0 is that of a row without visible keys: any other has an exponential that is 1.
        if (running[i].sum == 0) {
            fill(out + i * a->value_width, 0, a->value_width);
        } else {
            j->kernels->scale(1 / running[i].sum, out + i * a->value_width, a->value_width);
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
            hone_transpose(j->isa, j->k + head * a->keys * a->width, m.keys, a->keys, a->width);
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
    set_dropout(&j);
    size_t worth = units_worth_a_thread(a, least(a->queries, unit_queries), 1);
    hone_parallel_for(a->heads * units_a_head(a), worth, forward_task, &j);
}

// Backward.

/// With p the probabilities and g = dout v^T (both after dropout), the scores' gradient is ds = p (g - the row's mean),
/// where the mean is that of g under p, which is dout . out. Then dv = p^T dout, dq = ds k, dk = ds^T q.
static void backward_queries(const job *j, size_t head, size_t begin, size_t count, parts m) {
    const hone_attention *a = &j->a;
    size_t row = head * a->queries + begin, seen = keys_seen(a, begin + count);
    size_t width = a->width, value_width = a->value_width;
    const float *q = j->q + row * width, *k = j->k + head * a->keys * width, *dout = j->dout + row * value_width;
    float *dq = j->dq ? j->dq + row * width : NULL;
    float mean[tile_queries];
    for (size_t i = 0; i < count; i++) {
        mean[i] = j->kernels->dot(dout + i * value_width, j->result + (row + i) * value_width, value_width);
    }
    if (!seen && dq && !j->accumulate_q) {
        fill(dq, 0, count * width);
    }
    for (size_t first = 0; first < seen; first += tile_keys) {
        tile t = {head, begin, count, first, least(tile_keys, seen - first)};
        hone_sgemm(j->isa, false, false, count, t.keys, width, q, width, m.keys + first, a->keys, 0, m.scores, t.keys,
                   NULL);
        hone_sgemm(j->isa, false, false, count, t.keys, value_width, dout, value_width, m.values + first, a->keys, 0,
                   m.gradients, t.keys, NULL);
        for (size_t i = 0; i < count; i++) {
            hone_score_row scores = row_of(j, t, i, m.scores, m.words);
            j->kernels->softmax_backward(&scores, j->sums[row + i], mean[i], m.gradients + i * t.keys);
        }
        if (j->dv) {
            hone_sgemm(j->isa, true, false, t.keys, value_width, count, m.scores, t.keys, dout, value_width, 1,
                       j->dv + (head * a->keys + first) * value_width, value_width, NULL);
        }
        if (dq) {
            hone_sgemm(j->isa, false, false, count, width, t.keys, m.gradients, t.keys, k + first * width, width,
                       first || j->accumulate_q ? 1 : 0, dq, width, NULL);
        }
        if (j->dk) {
            hone_sgemm(j->isa, true, false, t.keys, width, count, m.gradients, t.keys, q, width, 1,
                       j->dk + (head * a->keys + first) * width, width, NULL);
        }
    }
}

static void backward_task(void *context, size_t begin, size_t end) {
    const job *j = context;
    const hone_attention *a = &j->a;
    parts m = task_memory(a, true);
    for (size_t head = begin; head < end; head++) {
        size_t key = head * a->keys;
        hone_transpose(j->isa, j->k + key * a->width, m.keys, a->keys, a->width);
        hone_transpose(j->isa, j->v + key * a->value_width, m.values, a->keys, a->value_width);
        if (j->dk && !j->accumulate_k) {
            memset(j->dk + key * a->width, 0, a->keys * a->width * sizeof(float));
        }
        if (j->dv && !j->accumulate_v) {
            memset(j->dv + key * a->value_width, 0, a->keys * a->value_width * sizeof(float));
        }
        for (size_t query = 0; query < a->queries; query += tile_queries) {
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
    set_dropout(&j);
    hone_parallel_for(a->heads, units_worth_a_thread(a, a->queries, 3), backward_task, &j);
}
