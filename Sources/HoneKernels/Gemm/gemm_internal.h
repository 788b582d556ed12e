// What the parts of the multiplication agree on: gemm.c plans, blocks.c walks through the blocks of a piece, kernels.c
// holds the inner loops of each instruction set.
#ifndef HONE_GEMM_INTERNAL_H
#define HONE_GEMM_INTERNAL_H

#include "hone/gemm.h"

enum {
    max_tile_rows = 14,
    max_tile_vectors = 4,
    max_lanes = 16,
    vector_counts = 3,  // 1, 2 and 4
    fetch_lines = 16,
};

/// One tile of c, small enough to be summed in registers, and how its sums are finished.
typedef struct hone_tile {
    size_t k;
    const float *a;
    size_t a_stride;  // from one row to the next, or from one step of k to the next: see hone_order
    const float *b;
    size_t b_stride;  // from one step of k to the next; the columns lie side by side
    float *c;
    size_t ldc;
    size_t columns;  // in use: at least one of the last vector's
    float beta;  // weight of the former content of c; with 0 it is not read
    const float *bias;  // of the tile's first column, or NULL
    bool relu;
    // What later tiles need and is not in the cache yet, to be fetched along the way: a line for each step of k, in
    // turns of fetch_lines lines `fetch_stride` apart; after each turn `fetch_jump` is added. These are numbers, in
    // bytes, as the addresses need not exist.
    uintptr_t fetch, fetch_stride, fetch_jump;
} hone_tile;

/// How a tile finds the elements of a: row by row with k running along a row, or k by k with the rows side by side.
typedef enum hone_order { HONE_BY_ROWS = 0, HONE_BY_STEPS = 1 } hone_order;

typedef void (*hone_tile_kernel)(const hone_tile *tile);

/// A panel to be copied to `to` as [k][step], `width` floats of each step in use.
typedef struct hone_panel {
    const float *from;
    size_t stride;
    size_t k, width;
    size_t readable;  // lines from `from` on that exist; at least `width`; for pack_transposed
    float *to;
    size_t step;  // at least `width`, rounded up to whole vectors
} hone_panel;

/// A product so thin that there is next to nothing to reuse:
/// c(i, j) = beta * c(i, j) + sum over p of a(i, p) * b(p, j), then the bias and the activation.
typedef struct hone_thin_product {
    size_t m, n, k;
    const float *a;
    size_t a_stride;
    const float *b;
    size_t b_stride;
    float *c;
    size_t ldc;
    float beta;
    const float *bias;
    size_t bias_stride;  // from column to column; 0: one value for all
    bool relu;
} hone_thin_product;

/// The inner loops of one instruction set, and what the driver has to know about its registers and usual caches.
typedef struct hone_gemm_variant {
    unsigned lanes;  // floats in a vector
    unsigned rows, vectors;  // of the tile that uses the registers best
    unsigned wide_rows;  // up to as many rows, tiles are 4 vectors wide
    unsigned second_level;  // bytes of cache
    bool masks;  // kernels leave unused columns alone, in b as in c; else both must be there
    hone_tile_kernel kernels[2][vector_counts][max_tile_rows];  // [hone_order][log2 of vectors][rows - 1]
    // Both write whole vectors, so up to `lanes - 1` floats past the panel's end.
    void (*pack_straight)(const hone_panel *panel);  // element (p, i) is from[p * stride + i]
    void (*pack_transposed)(const hone_panel *panel);  // element (p, i) is from[i * stride + p]
    void (*one_row)(const hone_thin_product *product);  // m = 1; a[p * a_stride], b[p * b_stride + j]
    void (*dots)(const hone_thin_product *product);  // a[i * a_stride + p], b[j * b_stride + p]
} hone_gemm_variant;

/// The inner loops for a set, as hone_isa_usable understands it.
const hone_gemm_variant *hone_gemm_variant_of(hone_isa isa);

/// Everything about one multiplication that its pieces share.
typedef struct hone_product {
    const hone_gemm_variant *variant;
    bool transpose_a, transpose_b;
    bool pack_a, pack_b;
    size_t m, n, k;
    const float *a, *b;
    size_t lda, ldb;
    float *c;
    size_t ldc;
    float beta;
    const float *bias;
    bool relu;
    size_t k_step;  // how k is cut
    size_t block_rows;  // of a, at most; that many by k_step stay in the second level of cache
    size_t packed_rows;  // from one step of k to the next in a packed tile of a
    size_t row_pieces, column_pieces;  // how c is cut
} hone_product;

typedef struct hone_span {
    size_t begin, end;
} hone_span;

/// Works out the part of c in these rows and columns, on this thread alone.
void hone_gemm_run_piece(const hone_product *product, hone_span rows, hone_span columns);

/// Memory of this thread for packed panels, aligned to a cache line; valid until the thread's next call. NULL when
/// memory is out. It grows to the largest request, which blocks.c bounds.
float *hone_gemm_workspace(size_t floats);

static inline size_t hone_quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t hone_least(size_t a, size_t b) { return a < b ? a : b; }

/// Part `index` of `parts` about equal ones of a span.
static inline hone_span hone_share(hone_span all, size_t parts, size_t index) {
    size_t count = all.end - all.begin, each = count / parts, more = count % parts;
    size_t begin = all.begin + index * each + hone_least(index, more);
    return (hone_span){begin, begin + each + (index < more)};
}

#endif
