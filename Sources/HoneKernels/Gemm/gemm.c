// Single-precision matrix multiplication.
//
// The scheme is that of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication" (ACM TOMS 34(3),
// 2008), in the layering of Van Zee and van de Geijn, "BLIS: A Framework for Rapidly Instantiating BLAS Functionality"
// (ACM TOMS 41(3), 2015). From the outside in:
//
//     pieces of c                                     one a thread, or a few (cut)
//       block_columns of b                            a packed block of b stays in the last level of cache (blocks.c)
//         k_step of k                                 a tile's sums stay in registers over it
//           block_rows of a                           a block of a stays in the second level
//             panels of b, as wide as a tile          a panel stays in the first level, or streams from the second
//               tiles of c                            tile.template.h
//
// Some things differ from the books, as the matrices of training are often small or narrow:
//
// - Copying a and b ("packing") is done only where it pays. Tiles read rows of a, or b as it lies in memory, in place.
//   What is packed is packed by the thread that needs it, just before its first use; threads never wait for each other.
// - While a tile is summed, it fetches what the next ones will read first, a line for each step of k: matrices as tall
//   as those of convolutions come from memory, and their rows are too short for the processor to guess what follows.
// - Rows are shared out evenly among tiles of any height up to the best one: 64 rows are 13 + 13 + 13 + 13 + 12 and not
//   14 + 14 + 14 + 14 + 8.
// - Products with few rows or columns go another way (thin.template.h).
//
// k is cut by its length alone, and an element of c is summed in the order of k within a cut. So neither the cuts along
// m and n, nor packing, nor the number of threads can change a bit of the result.
#include "gemm_internal.h"

#include "hone/parallel.h"

enum {
    k_block = 512,  // longer sums are cut: 512 steps of a panel of 32 columns are 64 KiB
    first_level = 32 << 10,  // bytes of cache
    large_b = 128 << 10,  // floats in a block of k of b from which on it is packed when its panels are used again
    packing_columns = 64,  // up to as many columns, a block of a is used too little to be packed
    packing_cost = 6,  // of a float, in multiply-adds
    pieces_per_thread = 2,
    very_few = 4,  // rows or columns that always make a product of scalar products
    few_columns = 11,
    dots_floats = 64 << 10,  // of a few rows or columns, that may wait in the cache
    dots_cut = 16,  // where thin products are cut
    row_cut = 128,  // a multiple of what one_row takes at once
};

// In multiply-adds: what makes a piece worth another thread, and what makes it worth more pieces than threads.
static const size_t piece_work = (size_t)1 << 17, long_piece_work = (size_t)1 << 23;

/// Whether lines of cache that are `stride` floats apart, one for each of `count` rows, are more than a cache of `size`
/// bytes can hold: where the stride is a multiple of a power of two, only so many of its places are used.
static bool crowded(size_t stride, size_t count, size_t size) {
    size_t bytes = stride * sizeof(float);
    return count * (bytes & -bytes) > size;
}

/// Cuts c into pieces: a grid of rows by columns, of about as many pieces as pay.
static void cut(hone_product *g) {
    g->row_pieces = g->column_pieces = 1;
    size_t threads = (size_t)hone_threads(), work = g->m * g->n * g->k;
    if (threads == 1 || work < 2 * piece_work) return;
    // Of long work a thread gets several pieces, so that one that is held up leaves some to the others.
    size_t pieces = hone_least(threads, work / piece_work);
    if (work / long_piece_work > pieces) pieces = hone_least(work / long_piece_work, threads * pieces_per_thread);
    size_t width = (size_t)g->variant->vectors * g->variant->lanes, lowest = SIZE_MAX;
    size_t tiles = hone_quotient_up(g->m, g->variant->rows), panels = hone_quotient_up(g->n, width);
    size_t cost_a = g->pack_a ? packing_cost : 1, cost_b = g->pack_b ? packing_cost : 1;
    for (size_t columns = 1; columns <= hone_least(pieces, panels); columns++) {
        size_t rows = hone_least(pieces / columns, tiles);
        // With pieces handed out one by one, the end comes at the latest when an even share of all and one more piece
        // are done. Every piece packs its part of a and b anew.
        size_t m = hone_quotient_up(g->m, rows), n = hone_quotient_up(panels, columns) * width;
        size_t all = g->m * g->n + columns * g->m * cost_a + rows * g->n * cost_b;
        size_t cost = all + (threads - 1) * (m * n + m * cost_a + n * cost_b);
        if (cost >= lowest) continue;
        lowest = cost;
        g->row_pieces = rows;
        g->column_pieces = columns;
    }
}

/// How to cut k, what to pack, and how to cut c.
static void plan(hone_product *g) {
    const hone_gemm_variant *variant = g->variant;
    size_t cuts = hone_quotient_up(g->k, k_block);
    g->k_step = hone_quotient_up(g->k, cuts);
    g->block_rows = variant->second_level / (2 * k_block * sizeof(float));
    g->packed_rows = hone_quotient_up(variant->rows, variant->lanes) * variant->lanes;
    // Rows of b are read in place as long as few tiles read them, or a panel stays in the cache while tiles do.
    bool large = g->n * g->k_step > large_b && g->m > g->block_rows;
    bool straight = large || (g->m > g->block_rows / 2 && crowded(g->ldb, g->k_step, variant->second_level));
    g->pack_b = g->transpose_b || straight;
    // Tiles read a in place unless its lines push each other out of the first level, or the second.
    bool apart = g->transpose_a ? crowded(g->lda, g->k_step, variant->second_level)
                                : crowded(g->lda, variant->rows, first_level);
    g->pack_a = apart && g->n > packing_columns;
    cut(g);
}

static void run_pieces(void *context, size_t begin, size_t end) {
    const hone_product *g = context;
    size_t width = (size_t)g->variant->vectors * g->variant->lanes;
    for (size_t i = begin; i < end; i++) {
        hone_span rows = hone_share((hone_span){0, g->m}, g->row_pieces, i / g->column_pieces);
        hone_span panels = {0, hone_quotient_up(g->n, width)};
        panels = hone_share(panels, g->column_pieces, i % g->column_pieces);
        hone_gemm_run_piece(g, rows, (hone_span){panels.begin * width, hone_least(panels.end * width, g->n)});
    }
}

/// A product that goes the way of thin.template.h, cut along its longer side.
typedef struct thin_work {
    hone_thin_product product;
    void (*run)(const hone_thin_product *product);
    bool dots, by_rows;
    size_t unit;  // rows or columns
} thin_work;

static void run_thin(void *context, size_t begin, size_t end) {
    const thin_work *work = context;
    hone_thin_product part = work->product;
    size_t first = begin * work->unit;
    if (work->by_rows) {
        part.m = hone_least(end * work->unit, part.m) - first;
        part.a += first * part.a_stride;
        part.c += first * part.ldc;
    } else {
        part.n = hone_least(end * work->unit, part.n) - first;
        part.b += work->dots ? first * part.b_stride : first;
        part.c += first;
        if (part.bias) part.bias += first * part.bias_stride;
    }
    work->run(&part);
}

/// Puts a product into the form of a thin one, if tiles would be mostly empty or packing would cost more than it saves.
static bool make_thin(const hone_product *g, thin_work *work) {
    // A single column whose elements lie side by side is a line as well.
    bool lines = !g->transpose_a && (g->transpose_b || (g->n == 1 && g->ldb == 1));
    // Adding up the vectors of sums at the end, which tiles need not, pays for long sums only.
    bool few_rows = g->m <= very_few || (g->m * 16 <= g->k && g->m * g->k <= dots_floats);
    bool few_lines = g->n <= very_few || (g->n <= few_columns && g->n * 12 <= g->k && g->n * g->k <= dots_floats);
    bool dots = lines && (few_rows || few_lines);
    bool row = g->m == 1 && !g->transpose_b, column = g->n == 1 && g->transpose_a && g->ldc == 1;
    if (!dots && !row && !column) return false;
    *work = (thin_work){
        .product = {
            .m = g->m, .n = g->n, .k = g->k,
            .a = g->a, .b = g->b, .a_stride = g->lda, .b_stride = g->ldb, .c = g->c, .ldc = g->ldc,
            .beta = g->beta, .bias = g->bias, .bias_stride = 1, .relu = g->relu,
        },
        .run = dots ? g->variant->dots : g->variant->one_row,
        .dots = dots,
        .by_rows = dots && g->m > g->n,
        .unit = dots ? dots_cut : row_cut,
    };
    hone_thin_product *thin = &work->product;
    if (dots) return true;
    if (row) {
        thin->a_stride = g->transpose_a ? g->lda : 1;
        return true;
    }
    // The transposed product has one row, and b in the place of a.
    thin->m = 1;
    thin->n = g->m;
    thin->a = g->b;
    thin->a_stride = g->transpose_b ? 1 : g->ldb;
    thin->b = g->a;
    thin->b_stride = g->lda;
    thin->bias_stride = 0;
    return true;
}

/// c without any product: k = 0.
static void scale(const hone_product *g) {
    for (size_t i = 0; i < g->m; i++) {
        float *row = g->c + i * g->ldc;
        for (size_t j = 0; j < g->n; j++) {
            float value = g->beta != 0 ? g->beta * row[j] : 0;
            if (g->bias) value += g->bias[j];
            row[j] = g->relu && value < 0 ? 0 : value;
        }
    }
}

void hone_sgemm(hone_isa isa, bool transpose_a, bool transpose_b, size_t m, size_t n, size_t k, const float *a,
                size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc,
                const hone_epilogue *epilogue) {
    if (!m || !n) return;
    hone_product g = {
        .variant = hone_gemm_variant_of(isa),
        .transpose_a = transpose_a, .transpose_b = transpose_b,
        .m = m, .n = n, .k = k,
        .a = a, .lda = lda, .b = b, .ldb = ldb, .c = c, .ldc = ldc,
        .beta = beta,
        .bias = epilogue ? epilogue->bias : NULL,
        .relu = epilogue && epilogue->activation == HONE_ACTIVATION_RELU,
    };
    if (!k) {
        scale(&g);
        return;
    }
    thin_work work;
    if (make_thin(&g, &work)) {
        size_t parts = hone_quotient_up(work.by_rows ? work.product.m : work.product.n, work.unit);
        hone_parallel_for(parts, hone_quotient_up(piece_work, m * n * k / parts + 1), run_thin, &work);
        return;
    }
    plan(&g);
    hone_parallel_for(g.row_pieces * g.column_pieces, 1, run_pieces, &g);
}
