// Random numbers: one block by itself, and streams of them spread over the threads.
#include <math.h>

#include "../VectorMath/blocks.h"
#include "kernels.h"

static const hone_random_kernels *const tables[] = HONE_TABLES(hone_random);

/// Elements that are worth a thread.
#define HONE_RANDOM_GRAIN (HONE_PARALLEL_FROM / 4)

void hone_philox(uint64_t key, uint64_t counter_high, uint64_t counter_low, uint32_t out[4]) {
    uint32_t c0 = (uint32_t)counter_low, c1 = (uint32_t)(counter_low >> 32);
    uint32_t c2 = (uint32_t)counter_high, c3 = (uint32_t)(counter_high >> 32);
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)c0 * 0xD2511F53u, p1 = (uint64_t)c2 * 0xCD9E8D57u;
        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

typedef struct job {
    const hone_random_kernels *kernels;
    hone_words words;
    const float *x;
    void *out;
    size_t n;
    uint32_t threshold;
    float low, range, most;
    bool accumulate;
} job;

/// The words of a piece that begins at element `from`.
static hone_words words_from(const job *j, size_t from) {
    hone_words words = j->words;
    words.first += from;
    return words;
}

#define HONE_RANGE(j, first, last, from, count) \
    size_t from = (first) * HONE_BLOCK;         \
    size_t count = hone_block_end(last, (j)->n) - from

static void bits_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->bits(words_from(j, from), (uint32_t *)j->out + from, count);
}

static void uniform_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->uniform(words_from(j, from), j->low, j->range, j->most, (float *)j->out + from, count);
}

static void normal_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->normal(words_from(j, from), j->low, j->range, (float *)j->out + from, count);
}

static void dropout_task(void *context, size_t first, size_t last) {
    const job *j = context;
    HONE_RANGE(j, first, last, from, count);
    j->kernels->dropout(words_from(j, from), j->threshold, j->range, j->x + from, (float *)j->out + from, count,
                        j->accumulate);
}

static void run(job *j, hone_task task) {
    if (j->n <= HONE_RANDOM_GRAIN) {
        task(j, 0, hone_blocks(j->n));
    } else {
        hone_for_blocks(j->n, HONE_RANDOM_GRAIN, task, j);
    }
}

void hone_random_bits(hone_isa isa, uint64_t key, uint64_t stream, uint64_t first, uint32_t *out, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .words = {key, stream, first}, .out = out, .n = n};
    run(&j, bits_task);
}

void hone_random_uniform(hone_isa isa, uint64_t key, uint64_t stream, uint64_t first, float low, float high,
                         float *out, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .words = {key, stream, first}, .out = out, .n = n};
    j.low = low;
    j.range = high - low;
    // The sum may round up to `high`, which is not in the interval.
    j.most = high > low ? nextafterf(high, low) : low;
    run(&j, uniform_task);
}

void hone_random_normal(hone_isa isa, uint64_t key, uint64_t stream, uint64_t first, float mean, float deviation,
                        float *out, size_t n) {
    job j = {.kernels = tables[hone_table_row(isa)], .words = {key, stream, first}, .out = out, .n = n};
    j.low = mean;
    j.range = deviation;
    run(&j, normal_task);
}

void hone_dropout(hone_isa isa, uint64_t key, uint64_t stream, float probability, const float *x, float *y, size_t n,
                  bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .words = {key, stream, 0}, .x = x, .out = y, .n = n,
             .accumulate = accumulate};
    // A uniform of k 2^-24 is at least the probability when k is at least this, which is a whole number of 2^-24s.
    double limit = ceil((double)probability * 0x1p24);
    j.threshold = limit <= 0.0 ? 0 : limit >= 0x1p24 ? 1u << 24 : (uint32_t)limit;
    j.range = (float)(1.0 / (1.0 - (double)probability));
    run(&j, dropout_task);
}
