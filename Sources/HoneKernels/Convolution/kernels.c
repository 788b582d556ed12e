// The variants of the inner loops: tiles of a product, patches, lanes, and Winograd's transforms.
#include "convolution_internal.h"

#include "../Dispatch/variants.h"

#define conv_round_9(lanes) ((8 / (lanes) + 1) * (lanes))

#define HONE_TEMPLATE "../Convolution/kernels.template.h"
#include "../Dispatch/each_variant.h"

const hone_conv_variant *hone_conv_variant_of(hone_isa isa) { return HONE_SELECT(isa, &variant); }

void hone_conv_run_tiles(const hone_conv_variant *variant, conv_order order, const conv_tile *first, size_t rows,
                         size_t a_block, size_t vectors) {
    conv_tile tile = *first;
    size_t lanes = variant->lanes;
    for (size_t v = 0, width; v < vectors; v += width) {
        width = conv_next_vectors(variant, vectors - v);
        const conv_tile_kernel *kernels = variant->kernels[order][width - 1];
        tile.b = first->b + v * first->b_vector;
        for (size_t r = 0, height; r < rows; r += height) {
            height = conv_least(variant->rows, rows - r);
            tile.a = first->a + (order == CONV_ACROSS ? r * lanes : r / lanes * a_block + r % lanes);
            tile.c = first->c + v * first->c_vector + r * first->c_row;
            kernels[height - 1](&tile);
        }
    }
}
