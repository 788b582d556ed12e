// Rotary position embedding: queries and keys turned by their place in time.
#include "hone/parallel.h"
#include "kernels.h"

static const hone_attention_kernels *const tables[] = HONE_TABLES(hone_attention);

enum { grain = 1 << 15 };  // elements that are worth a thread

typedef struct job {
    const hone_attention_kernels *kernels;
    hone_rotary r;
    const float *x, *cosines, *sines;
    float *y;
    bool accumulate;
} job;

static void rotate_rows(void *context, size_t begin, size_t end) {
    const job *j = context;
    for (size_t row = begin; row < end; row++) {
        size_t at = row * j->r.width, angle = row % j->r.time * j->r.pairs;
        j->kernels->rotate(&j->r, j->x + at, j->cosines + angle, j->sines + angle, j->y + at, j->accumulate);
    }
}

void hone_rotate(hone_isa isa, const hone_rotary *r, const float *x, const float *cosines, const float *sines, float *y,
                 bool accumulate) {
    job j = {.kernels = tables[hone_table_row(isa)], .r = *r, .x = x, .cosines = cosines, .sines = sines, .y = y,
             .accumulate = accumulate};
    hone_parallel_for(r->heads * r->time, grain / (r->width + 1) + 1, rotate_rows, &j);
}
