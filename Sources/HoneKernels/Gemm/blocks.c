// One piece of c, block by block down to the tiles; gemm.c describes the scheme.
#include "gemm_internal.h"

#include <string.h>

enum {
    block_columns = 1024,  // of b
    slack = max_lanes,  // packing writes whole vectors
    widest = max_tile_vectors * max_lanes,
};

/// A panel of c: columns as wide as a tile, over the rows of one block of a and the steps of one block of k.
typedef struct panel {
    hone_span rows, steps;
    size_t column;
    unsigned vectors;
    float *packed_a;
    bool fresh_a;  // the first to use this block of a: packs it, or brings it into the cache
    size_t fetch_from, fetch_to;  // columns of b that the next panel will be the first to use
} panel;

/// The width in vectors of the next panel, with `columns` columns still to do and tiles of up to `rows` rows. All but a
/// panel's last vector must be in use whole.
static inline unsigned panel_vectors(const hone_gemm_variant *variant, size_t rows, size_t columns) {
    unsigned vectors = rows <= variant->wide_rows ? 4 : variant->vectors;
    while (vectors > 1 && columns <= (size_t)(vectors - 1) * variant->lanes) vectors /= 2;
    return vectors;
}

static inline const float *place_in_a(const hone_product *g, size_t p, size_t row) {
    return g->transpose_a ? g->a + p * g->lda + row : g->a + row * g->lda + p;
}

static inline const float *place_in_b(const hone_product *g, size_t p, size_t column) {
    return g->transpose_b ? g->b + column * g->ldb + p : g->b + p * g->ldb + column;
}

static void pack_panel_of_b(const hone_product *g, hone_span steps, size_t column, size_t width, size_t step,
                            float *to) {
    const hone_panel panel = {
        .from = place_in_b(g, steps.begin, column), .stride = g->ldb,
        .k = steps.end - steps.begin, .width = width, .readable = g->n - column, .to = to, .step = step,
    };
    g->transpose_b ? g->variant->pack_transposed(&panel) : g->variant->pack_straight(&panel);
}

static void pack_tile_of_a(const hone_product *g, hone_span steps, hone_span rows, float *to) {
    const hone_panel panel = {
        .from = place_in_a(g, steps.begin, rows.begin), .stride = g->lda,
        .k = steps.end - steps.begin, .width = rows.end - rows.begin, .readable = g->m - rows.begin,
        .to = to, .step = g->packed_rows,
    };
    g->transpose_a ? g->variant->pack_straight(&panel) : g->variant->pack_transposed(&panel);
}

/// Lets a tile fetch what starts at `from`: a line from each step of k, or, where k runs along the rows, from
/// fetch_lines rows in turn.
static inline void fetch_along(hone_tile *tile, const float *from, size_t stride, bool k_along_rows) {
    tile->fetch = (uintptr_t)from;
    tile->fetch_stride = stride * sizeof *from;
    tile->fetch_jump = k_along_rows ? (fetch_lines - fetch_lines * stride) * sizeof *from : 0;  // back, and one line on
}

static inline void fetch_of_a(hone_tile *tile, const hone_product *g, size_t p, hone_span rows) {
    // Side by side, the next rows begin in the line in which those before them end, so it is their end that is missing.
    const float *from = place_in_a(g, p, g->transpose_a ? rows.end - 1 : rows.begin);
    fetch_along(tile, from, g->lda, !g->transpose_a);
}

/// A tile at the right edge, for kernels that cannot leave out columns: it is worked out beside c and copied.
static void run_beside(hone_tile_kernel kernel, const hone_tile *tile, size_t rows) {
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

/// The tiles of a panel, from top to bottom. `tile` has all filled in that they share.
static void run_panel(const hone_product *g, const panel *panel, hone_tile *tile) {
    const hone_gemm_variant *variant = g->variant;
    hone_order order = g->pack_a || g->transpose_a ? HONE_BY_STEPS : HONE_BY_ROWS;
    const hone_tile_kernel *kernels = variant->kernels[order][panel->vectors / 2];  // 1, 2, 4 are at 0, 1, 2
    bool beside = !variant->masks && tile->columns < (size_t)panel->vectors * variant->lanes;
    size_t count = panel->rows.end - panel->rows.begin, tiles = hone_quotient_up(count, variant->rows);
    size_t height = count / tiles, higher = count % tiles;  // the first `higher` tiles have one row more
    size_t p = panel->steps.begin, fetch = panel->fetch_from;
    const hone_span first = {panel->rows.begin, panel->rows.begin + height + (higher > 0)};
    hone_span rows = first;
    for (size_t i = 0; i < tiles; i++) {
        bool more = i + 1 < tiles;
        hone_span next = more ? (hone_span){rows.end, rows.end + height + (i + 1 < higher)} : first;
        if (g->pack_a) {
            float *packed = panel->packed_a + i * g->packed_rows * tile->k;
            if (panel->fresh_a) pack_tile_of_a(g, panel->steps, rows, packed);
            tile->a = packed;
            tile->a_stride = g->packed_rows;
        } else {
            tile->a = place_in_a(g, p, rows.begin);
            tile->a_stride = g->lda;
        }
        tile->c = g->c + rows.begin * g->ldc + panel->column;
        if (panel->fresh_a && more) {
            fetch_of_a(tile, g, p, next);
        } else if (fetch < panel->fetch_to) {
            fetch_along(tile, place_in_b(g, p, fetch), g->ldb, g->transpose_b);
            fetch += fetch_lines;
        } else if (panel->fresh_a && panel->steps.end < g->k) {
            fetch_of_a(tile, g, panel->steps.end, next);
        } else {
            fetch_along(tile, tile->a, 0, false);  // nothing: over and over what is there
        }
        hone_tile_kernel kernel = kernels[rows.end - rows.begin - 1];
        if (beside) {
            run_beside(kernel, tile, rows.end - rows.begin);
        } else {
            kernel(tile);
        }
        rows = next;
    }
}

/// The same without any memory of its own.
static void run_in_place(const hone_product *g, hone_span rows, hone_span columns) {
    for (size_t i = rows.begin; i < rows.end; i++) {
        for (size_t j = columns.begin; j < columns.end; j++) {
            float sum = g->beta != 0 ? g->beta * g->c[i * g->ldc + j] : 0;
            for (size_t p = 0; p < g->k; p++) sum += *place_in_a(g, p, i) * *place_in_b(g, p, j);
            if (g->bias) sum += g->bias[j];
            g->c[i * g->ldc + j] = g->relu && sum < 0 ? 0 : sum;
        }
    }
}

void hone_gemm_run_piece(const hone_product *g, hone_span rows, hone_span columns) {
    const hone_gemm_variant *variant = g->variant;
    size_t count = rows.end - rows.begin, blocks = hone_quotient_up(count, g->block_rows);
    // With one block of rows a panel of b is done with at once; else all are kept for the blocks to come.
    size_t columns_of_b = blocks > 1 ? hone_least(columns.end - columns.begin, block_columns) + widest : widest;
    float *packed_a = NULL, *packed_b = NULL;
    if (g->pack_a || g->pack_b || !variant->masks) {
        size_t tiles = hone_quotient_up(hone_quotient_up(count, blocks), variant->rows);
        size_t of_a = g->pack_a ? tiles * g->packed_rows : 0;
        packed_b = hone_gemm_workspace((columns_of_b + of_a) * g->k_step + 2 * slack);
        if (!packed_b) {
            run_in_place(g, rows, columns);
            return;
        }
        packed_a = packed_b + columns_of_b * g->k_step + slack;
    }

    for (size_t first = columns.begin; first < columns.end; first += block_columns) {
        size_t limit = hone_least(first + block_columns, columns.end);
        for (size_t p = 0; p < g->k; p += g->k_step) {
            hone_span steps = {p, hone_least(p + g->k_step, g->k)};
            bool last = steps.end == g->k;
            hone_tile tile = {.k = steps.end - p, .ldc = g->ldc, .beta = p ? 1 : g->beta, .relu = last && g->relu};
            for (size_t block = 0; block < blocks; block++) {
                panel panel = {.rows = hone_share(rows, blocks, block), .steps = steps, .packed_a = packed_a};
                for (size_t column = first; column < limit; column += tile.columns) {
                    unsigned vectors = panel_vectors(variant, count, limit - column);
                    size_t width = (size_t)vectors * variant->lanes;
                    tile.columns = hone_least(width, limit - column);
                    tile.bias = last && g->bias ? g->bias + column : NULL;
                    if (g->pack_b || (!variant->masks && tile.columns < width)) {
                        float *packed = packed_b + (blocks > 1 ? (column - first) * g->k_step : 0);
                        if (!block) pack_panel_of_b(g, steps, column, tile.columns, width, packed);
                        tile.b = packed;
                        tile.b_stride = width;
                    } else {
                        tile.b = place_in_b(g, p, column);
                        tile.b_stride = g->ldb;
                    }
                    panel.column = column;
                    panel.vectors = vectors;
                    panel.fresh_a = column == first;
                    panel.fetch_from = column + width;
                    panel.fetch_to = block ? 0 : hone_least(column + 2 * width, limit);
                    run_panel(g, &panel, &tile);
                }
            }
        }
    }
}
