// What the driver of the multiplication (gemm.c) and the variants of its inner loops (kernels.c) agree on.
#ifndef HONE_GEMM_INTERNAL_H
#define HONE_GEMM_INTERNAL_H

#include "hone/gemm.h"

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
    // What the next tiles need and is not in the cache yet, to be fetched along the way: a line for each step of k, in
    // turns of fetch_lines lines, `fetch_stride` apart; after each turn `fetch_jump` is added.
    const float *fetch;
    size_t fetch_stride, fetch_jump;
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
    size_t step;  // at least `width`
} hone_panel;

/// c[j] = beta * c[j] + sum over p of x[p] * b(p, j), the bias and the activation, for one row.
typedef struct hone_row_product {
    size_t n, k;
    const float *x;
    size_t x_stride;
    const float *b;
    size_t ldb;
    float *c;
    float beta;
    const float *bias;
    size_t bias_stride;  // 0: one value for all
    bool relu;
} hone_row_product;

enum { max_tile_rows = 14, max_tile_vectors = 4, vector_counts = 3, fetch_lines = 16 };

/// The inner loops of one instruction set. Tiles are up to `rows` high and 1, 2 or 4 vectors wide.
typedef struct hone_gemm_variant {
    unsigned lanes;  // floats in a vector
    unsigned rows, vectors;  // of the tile that uses the registers best
    unsigned wide_rows;  // up to as many rows, tiles are 4 vectors wide
    bool masks;  // kernels leave unused columns alone, in b as in c; else both must be there
    hone_tile_kernel kernels[2][vector_counts][max_tile_rows];  // [hone_order][log2 of vectors][rows - 1]
    // Both write whole vectors, so up to `lanes - 1` floats past the panel's end.
    void (*pack_straight)(const hone_panel *panel);  // element (p, i) is from[p * stride + i]
    void (*pack_transposed)(const hone_panel *panel);  // element (p, i) is from[i * stride + p]
    void (*row_straight)(const hone_row_product *product);  // b(p, j) = b[p * ldb + j]
    void (*row_transposed)(const hone_row_product *product);  // b(p, j) = b[j * ldb + p], and x_stride = 1
} hone_gemm_variant;

/// The inner loops for a set, as hone_isa_usable understands it.
const hone_gemm_variant *hone_gemm_variant_of(hone_isa isa);

/// Memory of this thread for packed panels, aligned to a cache line; valid until the thread's next call. NULL when
/// memory is out. It grows to the largest request, which the driver bounds.
float *hone_gemm_workspace(size_t floats);

#endif
