// Single-precision matrix multiplication.
//
// The scheme is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34(3),
// 2008), in the layering of Van Zee and van de Geijn, "BLIS: A Framework for Rapidly Instantiating BLAS Functionality"
// (ACM TOMS 41(3), 2015). From the outside in:
//
//     pieces of c                                     one a thread, or a few
//       block_columns of b                            a packed block of b stays in the last level of cache
//         k_block of k                                a tile's sums stay in registers over it
//           block_rows of a                           a block of a stays in the second level
//             panels of b, as wide as a tile          a panel stays in the first level
//               tiles of c                            kernels[…] in tile.template.h
//
// Three things differ from the books, as the matrices of training are often small or narrow:
//
// - Copying a and b ("packing") is done only where it pays. Tiles read rows of a, or b as it lies in memory, in place.
//   What is packed is packed by the thread that needs it, just before its first use, while it is about to be in the
//   cache anyway; threads never wait for each other.
// - Rows are shared out evenly among tiles of any height up to the best one: 64 rows are 13 + 13 + 13 + 13 + 12 and not
//   14 + 14 + 14 + 14 + 8.
// - Products with one row or one column go another way (row.template.h).
//
// k is cut by its length alone, and each element of c is summed in order of k within a cut. So neither the cuts along m
// and n, nor packing, nor the number of threads can change a bit of the result.
#include "gemm_internal.h"

#include "hone/parallel.h"

#include <math.h>
#include <string.h>

enum {
    k_block = 512,
    block_rows = 288,  // of a: 288 x 384 floats are 432 KiB
    block_columns = 1024,  // of b: 1.5 MiB
    max_lanes = 16,
    slack = max_lanes,  // packing writes whole vectors
};

/// Multiply-adds below which a piece is not worth another thread.
static const size_t piece_work = (size_t)1 << 18;

/// Everything about one multiplication that its pieces share.
typedef struct product {
    const hone_gemm_variant *variant;
    bool transpose_a, transpose_b;
    bool pack_a, pack_b;
    size_t m, n, k, k_step;
    const float *a, *b;
    size_t lda, ldb;
    float *c;
    size_t ldc;
    float beta;
    const float *bias;
    bool relu;
    size_t row_pieces, column_pieces;
} product;

typedef struct span {
    size_t begin, end;
} span;

static inline size_t quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// Part `index` of `parts` about equal ones of `count` items.
static inline span share(size_t count, size_t parts, size_t index) {
    size_t each = count / parts, more = count % parts;
    size_t begin = index * each + least(index, more);
    return (span){begin, begin + each + (index < more)};
}

/// The width in vectors of the next panel, with `columns` columns still to do and tiles of up to `rows` rows. All but a
/// panel's last vector must be in use whole.
static inline unsigned panel_vectors(const hone_gemm_variant *variant, size_t rows, size_t columns) {
    unsigned vectors = rows <= variant->wide_rows ? 4 : variant->vectors;
    while (vectors > 1 && columns <= (size_t)(vectors - 1) * variant->lanes) vectors /= 2;
    return vectors;
}

/// A tile at the edge, for kernels that cannot leave out columns: it is worked out beside c and copied.
static void run_beside(hone_tile_kernel kernel, const hone_tile *tile, size_t rows) {
    enum { widest = max_tile_vectors * max_lanes };
    float sums[max_tile_rows * widest], bias[widest] = {0};
    hone_tile beside = *tile;
    beside.c = sums;
    beside.ldc = widest;
    memset(sums, 0, rows * widest * sizeof *sums);
    size_t bytes = tile->columns * sizeof(float);
    if (tile->beta != 0) {
        for (size_t i = 0; i < rows; i++) memcpy(sums + i * widest, tile->c + i * tile->ldc, bytes);
    }
    if (tile->bias) {
        memcpy(bias, tile->bias, bytes);
        beside.bias = bias;
    }
    kernel(&beside);
    for (size_t i = 0; i < rows; i++) memcpy(tile->c + i * tile->ldc, sums + i * widest, bytes);
}

static void pack_panel_of_b(const product *g, span steps, size_t column, size_t width, size_t step, float *to) {
    hone_panel panel = {.k = steps.end - steps.begin, .width = width, .readable = g->n - column, .to = to, .step = step};
    panel.stride = g->ldb;
    if (g->transpose_b) {
        panel.from = g->b + column * g->ldb + steps.begin;
        g->variant->pack_transposed(&panel);
    } else {
        panel.from = g->b + steps.begin * g->ldb + column;
        g->variant->pack_straight(&panel);
    }
}

static void pack_rows_of_a(const product *g, span steps, size_t row, size_t rows, size_t step, float *to) {
    hone_panel panel = {.k = steps.end - steps.begin, .width = rows, .readable = g->m - row, .to = to, .step = step};
    panel.stride = g->lda;
    if (g->transpose_a) {
        panel.from = g->a + steps.begin * g->lda + row;
        g->variant->pack_straight(&panel);
    } else {
        panel.from = g->a + row * g->lda + steps.begin;
        g->variant->pack_transposed(&panel);
    }
}

/// The tiles of rows `rows` in one panel. `tile` has the panel's part of it filled in.
static void run_panel(const product *g, hone_tile *tile, span rows, span steps, size_t column, unsigned vectors,
                      float *packed_a, bool pack_now) {
    const hone_gemm_variant *variant = g->variant;
    hone_order order = g->pack_a || g->transpose_a ? HONE_BY_STEPS : HONE_BY_ROWS;
    const hone_tile_kernel *kernels = variant->kernels[order][vectors / 2];  // 1, 2, 4 are at 0, 1, 2
    bool beside = !variant->masks && tile->columns < (size_t)vectors * variant->lanes;
    size_t count = rows.end - rows.begin, tiles = quotient_up(count, variant->rows);
    size_t a_step = quotient_up(variant->rows, variant->lanes) * variant->lanes;
    size_t height = count / tiles, higher = count % tiles, row = rows.begin;
    for (size_t i = 0; i < tiles; i++) {
        size_t here = height + (i < higher);
        if (g->pack_a) {
            float *to = packed_a + i * tile->k * a_step;
            tile->a = to;
            tile->a_stride = a_step;
            if (pack_now) pack_rows_of_a(g, steps, row, here, a_step, to);
        } else {
            tile->a = g->transpose_a ? g->a + steps.begin * g->lda + row : g->a + row * g->lda + steps.begin;
            tile->a_stride = g->lda;
        }
        tile->c = g->c + row * g->ldc + column;
        if (beside) {
            run_beside(kernels[here - 1], tile, here);
        } else {
            kernels[here - 1](tile);
        }
        row += here;
    }
}

/// One piece of c, on this thread alone.
static void run_piece(const product *g, span rows, span columns) {
    const hone_gemm_variant *variant = g->variant;
    size_t blocks = quotient_up(rows.end - rows.begin, block_rows);
    size_t highest = quotient_up(rows.end - rows.begin, blocks * quotient_up(block_rows, variant->rows));
    size_t a_step = quotient_up(variant->rows, variant->lanes) * variant->lanes;
    size_t rows_of_a = g->pack_a ? quotient_up(quotient_up(rows.end - rows.begin, blocks), variant->rows) * a_step : 0;
    size_t tile_rows = least(variant->rows, quotient_up(rows.end - rows.begin, 1));
    (void)highest;
    // With one block of rows a panel of b is done with at once; else all are kept for the blocks to come.
    size_t widest = (size_t)max_tile_vectors * variant->lanes;
    size_t columns_of_b = blocks > 1 ? least(columns.end - columns.begin, block_columns) + widest : widest;
    float *packed_a = NULL, *packed_b = NULL;
    if (g->pack_a || g->pack_b || !variant->masks) {
        packed_b = hone_gemm_workspace((rows_of_a + columns_of_b) * g->k_step + 2 * slack);
        packed_a = packed_b + columns_of_b * g->k_step + slack;
    }

    for (size_t first = columns.begin; first < columns.end; first += block_columns) {
        size_t limit = least(first + block_columns, columns.end);
        for (size_t p = 0; p < g->k; p += g->k_step) {
            span steps = {p, least(p + g->k_step, g->k)};
            bool last = steps.end == g->k;
            hone_tile tile = {.k = steps.end - p, .ldc = g->ldc, .beta = p ? 1 : g->beta, .relu = last && g->relu};
            for (size_t block = 0; block < blocks; block++) {
                span part = share(rows.end - rows.begin, blocks, block);
                part = (span){rows.begin + part.begin, rows.begin + part.end};
                for (size_t column = first; column < limit; column += tile.columns) {
                    unsigned vectors = panel_vectors(variant, tile_rows, limit - column);
                    size_t width = (size_t)vectors * variant->lanes;
                    tile.columns = least(width, limit - column);
                    tile.bias = last && g->bias ? g->bias + column : NULL;
                    if (g->pack_b || (!variant->masks && tile.columns < width)) {
                        float *to = packed_b + (blocks > 1 ? (column - first) * g->k_step : 0);
                        if (!block) pack_panel_of_b(g, steps, column, tile.columns, width, to);
                        tile.b = to;
                        tile.b_stride = width;
                    } else {
                        tile.b = g->b + p * g->ldb + column;
                        tile.b_stride = g->ldb;
                    }
                    run_panel(g, &tile, part, steps, column, vectors, packed_a, column == first);
                }
            }
        }
    }
}

static void run_pieces(void *context, size_t begin, size_t end) {
    const product *g = context;
    size_t unit = (size_t)g->variant->vectors * g->variant->lanes;
    for (size_t i = begin; i < end; i++) {
        span rows = share(g->m, g->row_pieces, i / g->column_pieces);
        span columns = share(quotient_up(g->n, unit), g->column_pieces, i % g->column_pieces);
        run_piece(g, rows, (span){columns.begin * unit, least(columns.end * unit, g->n)});
    }
}

#ifdef HONE_GEMM_TUNE
int hone_tune_pack_a = -1, hone_tune_pack_b = -1;
#endif

/// What to pack, and how to cut c into pieces.
static void plan(product *g) {
    size_t cuts = quotient_up(g->k, k_block);
    g->k_step = (quotient_up(g->k, cuts) + 3) & ~(size_t)3;
    g->pack_b = g->transpose_b || g->m > 64;
    g->pack_a = g->transpose_a ? g->n > 64 : g->lda % 1024 == 0 && g->n > 64;
#ifdef HONE_GEMM_TUNE
    if (hone_tune_pack_a >= 0) g->pack_a = hone_tune_pack_a;
    if (hone_tune_pack_b >= 0) g->pack_b = hone_tune_pack_b || g->transpose_b;
#endif
    g->row_pieces = g->column_pieces = 1;
    size_t threads = (size_t)hone_threads();
    size_t pieces = g->m * g->n * g->k / piece_work;
    if (threads == 1 || pieces < 2) return;
    if (pieces > threads) pieces = threads;
    // TODO grid
    if (g->m > g->n) g->row_pieces = least(pieces, quotient_up(g->m, g->variant->rows));
    else g->column_pieces = least(pieces, quotient_up(g->n, g->variant->lanes * g->variant->vectors));
}

static void scale(product *g) {
    for (size_t i = 0; i < g->m; i++) {
        float *row = g->c + i * g->ldc;
        for (size_t j = 0; j < g->n; j++) {
            float value = g->beta != 0 ? g->beta * row[j] : 0;
            if (g->bias) value += g->bias[j];
            row[j] = g->relu && value < 0 ? 0 : value;
        }
    }
}

void hone_sgemm(hone_isa isa, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a, size_t lda,
                const float *b, size_t ldb, float beta, float *c, size_t ldc, const hone_epilogue *epilogue) {
    if (!m || !n) return;
    product g = {
        .variant = hone_gemm_variant_of(isa),
        .transpose_a = transpose_a, .transpose_b = transpose_b,
        .m = m, .n = n, .k = k,
        .a = a, .b = b, .lda = lda, .ldb = ldb, .c = c, .ldc = ldc,
        .beta = beta,
        .bias = epilogue ? epilogue->bias : NULL,
        .relu = epilogue && epilogue->activation == HONE_ACTIVATION_RELU,
    };
    if (!k) {
        scale(&g);
        return;
    }
    plan(&g);
    hone_parallel_for(g.row_pieces * g.column_pieces, 1, run_pieces, &g);
}
