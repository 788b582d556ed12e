// What the drivers of the convolution and the variants of their inner loops (kernels.c) agree on.
//
// Inner loops work on blocks: a channel is one lane of a vector, and `lanes` channels lie side by side for each pixel
// (or tile, or tap). So no kernel knows the sizes of images, and none has an edge to look after but those that copy.
#ifndef HONE_CONVOLUTION_INTERNAL_H
#define HONE_CONVOLUTION_INTERNAL_H

#include "hone/convolution.h"

enum { conv_max_rows = 8, conv_max_vectors = 3, conv_max_lanes = 16 };

/// One tile of a product, summed in registers: c(r, v) (+)= sum over o and i of a(r, o, i) * b(o, i, v), where v counts
/// vectors. b(o, i, v) is the vector at b + v * b_vector + o * b_outer + i * lanes.
typedef struct conv_tile {
    size_t outer, inner;
    const float *a;
    size_t a_outer;
    const float *b;
    size_t b_vector, b_outer;
    float *c;
    size_t c_row, c_vector;
    bool accumulate;
} conv_tile;

typedef void (*conv_tile_kernel)(const conv_tile *tile);

/// How a tile finds a(r, o, i): a + o * a_outer and r * lanes + i (rows apart, as many lanes as steps), or r + i *
/// lanes.
typedef enum conv_order { CONV_ACROSS = 0, CONV_ALONG = 1 } conv_order;

/// Outputs that lie in one vector of a panel and in one row of one image.
typedef struct conv_piece {
    float *x;  // the image's first channel (of the group)
    size_t slot, count;  // place of the first output in the panel, as vector * lanes + lane; outputs
    size_t row, column;  // of the first output
} conv_piece;

/// A panel of patches: the elements of x that each of a few outputs is made of, as [vector][row][lane], a row being a
/// channel and a tap of the kernel. `pieces` name the outputs.
typedef struct conv_patches {
    const hone_conv *conv;
    const conv_piece *pieces;
    size_t piece_count;
    size_t first_channel, channels;  // within the group
    float *panel;
} conv_patches;

/// Pixels that lie side by side in every channel of one image and in one vector of a panel [vector][channel][lane].
typedef struct conv_run {
    float *plain;
    size_t plane;  // from one channel to the next
    size_t slot, count;
} conv_run;

/// A stretch of `count` pixels, the same in several planes: [plane][pixel] on one side and [pixel][lane] on the other.
/// On the other side a step from pixel to pixel is `lanes`, and after `width` pixels, of which `left` are to come
/// first, further `skip` floats.
typedef struct conv_stretch {
    float *plain;
    size_t plane, planes;  // from one plane to the next; planes in use, up to `lanes`
    float *lanes;
    size_t count, width, left, skip;
} conv_stretch;

// Winograd's transforms; winograd.c says what they are for. The finite points are 0, +-P and +-Q, or 0, +-1 and R.
#define WINOGRAD_P 0.625
#define WINOGRAD_Q 1.5
#define WINOGRAD_R 2.0
enum { winograd_weight_axis = 6, winograd_most_axis = 9 };

/// Nine taps of `lanes` weights for one other channel, to their 6 x 6 points, `stride` apart.
typedef struct winograd_weights {
    const float *from;
    size_t lane_stride, lanes;  // from one lane's taps to the next; lanes in use
    bool flip;  // the taps in reverse order
    float *to;
    size_t stride;
} winograd_weights;

typedef enum winograd_kind { WINOGRAD_DENSE, WINOGRAD_STRIDED, WINOGRAD_SPREAD, winograd_kinds } winograd_kind;

/// The transforms for stride 1, for stride 2, and for the gradient of x with stride 2. Tiles lie in a row of a stage,
/// whose rows of elements are `row` apart, and their points, axis x axis, `stride` apart.
typedef struct winograd_scheme {
    size_t axis;  // the points of a line
    size_t in_size, in_step, out_step;  // of a tile's elements along a line; outputs do not overlap
    void (*input)(const float *stage, size_t row, size_t tiles, float *to, size_t stride);
    void (*output)(const float *from, size_t stride, const float *bias, bool relu, size_t tiles, float *stage,
                   size_t row);
    void (*weights)(const winograd_weights *job);
    void (*output_gradient)(const float *stage, size_t row, size_t tiles, float *to, size_t stride);
    void (*weights_gradient)(const float *from, size_t stride, size_t lanes, float *to, size_t lane_stride,
                             bool accumulate);
} winograd_scheme;

/// How planes of x are padded: see padded.c.
typedef struct conv_padded {
    const hone_conv *conv;
    size_t out_height, out_width;
    size_t part;  // columns of one remainder
    size_t row;  // floats from what one row of outputs needs to what the next one does
    size_t plane;
} conv_padded;

conv_padded hone_conv_padded_of(const hone_conv *conv);

/// From an output's first element of x to that of a tap.
size_t hone_conv_padded_offset(const conv_padded *padded, size_t tap);

/// Copies a plane of x to a padded one whose padding is zero already, and back.
void hone_conv_pad(const conv_padded *padded, const float *x, float *to);
void hone_conv_unpad(const conv_padded *padded, const float *from, float *x, bool accumulate);

/// A vector of neighbouring outputs of a direct convolution: where its padded x and its y are, and how many there are.
typedef struct direct_vector {
    const float *from;
    float *to;
    size_t count;
} direct_vector;

/// A tile of outputs: some out channels, `plane` apart, for some vectors.
typedef struct direct_outputs {
    size_t taps;
    const size_t *offsets;
    const float *a, *bias;  // the weights of each tap, with the out channels side by side, from tap to tap by `lanes`
    direct_vector vectors[conv_max_vectors];
    size_t plane;
    bool relu;
} direct_outputs;

/// A tile of weights' gradients, [vector of out channels][tap][lane], summed over one image.
typedef struct direct_weights {
    const float *x;  // padded
    const size_t *offsets;
    size_t row, height, width;
    const float *b;  // dy as [pixel][lane], and the next vector `b_vector` on
    size_t b_vector;
    float *c;
    size_t c_vector;
    bool accumulate;
} direct_weights;

/// One padded plane of x and one plane of y.
typedef struct depthwise_plane {
    float *padded;
    const size_t *offsets;  // of each tap's element from an output's first
    size_t taps;
    size_t row;  // from an output row's first element to the next one's
    float *plain;
    size_t height, width;  // of y
    const float *w;
} depthwise_plane;

/// The inner loops of one instruction set.
typedef struct hone_conv_variant {
    unsigned lanes, rows, vectors;  // floats in a vector; the largest tile
    conv_tile_kernel kernels[2][conv_max_vectors][conv_max_rows];  // [conv_order][vectors - 1][rows - 1]
    void (*gather_patches)(const conv_patches *patches);
    void (*scatter_patches)(const conv_patches *patches);  // adds the panel to x
    void (*to_lanes)(const conv_stretch *stretch);  // lanes without a plane get 0
    void (*from_lanes)(const conv_stretch *stretch, bool accumulate);
    /// From run->plain to the panel, and back with bias and activation.
    void (*gather_plain)(const conv_run *run, float *panel, size_t channels);
    void (*finish)(const conv_run *run, const float *panel, size_t channels, const float *bias, bool relu);
    void (*direct_outputs[conv_max_vectors][conv_max_rows])(const direct_outputs *tile);  // [vectors - 1][rows - 1]
    void (*direct_weights[conv_max_vectors][conv_max_rows])(const direct_weights *tile);
    void (*depthwise_forward)(const depthwise_plane *plane, float bias, bool relu, bool accumulate);  // plain (+)= …
    void (*depthwise_backward_input)(const depthwise_plane *plane);  // padded += …
    void (*depthwise_backward_weight)(const depthwise_plane *plane, double *dw);  // dw += …
    double (*sum)(const float *from, size_t count);
    winograd_scheme winograd[winograd_kinds];
} hone_conv_variant;

/// The inner loops for a set, as hone_isa_usable understands it.
const hone_conv_variant *hone_conv_variant_of(hone_isa isa);

/// Memory that a thread keeps from call to call, aligned to a cache line, undefined content. CONV_SHARED is for what
/// one call's pieces share and belongs to the calling thread; CONV_OWN is for a piece, on the thread that works on it.
typedef enum conv_memory { CONV_SHARED = 0, CONV_OWN = 1 } conv_memory;
float *hone_conv_workspace(conv_memory kind, size_t floats);

static inline size_t conv_quotient_up(size_t a, size_t b) { return (a + b - 1) / b; }
static inline size_t conv_round_up(size_t a, size_t b) { return (a + b - 1) / b * b; }
static inline size_t conv_least(size_t a, size_t b) { return a < b ? a : b; }
static inline size_t conv_most(size_t a, size_t b) { return a > b ? a : b; }

/// Where part `index` of `parts` about equal ones of `count` items begins.
static inline size_t conv_share(size_t count, size_t parts, size_t index) {
    return count / parts * index + conv_least(index, count % parts);
}

/// How many vectors the next tile takes of `left`: all tiles about equally many.
static inline size_t conv_next_vectors(const hone_conv_variant *variant, size_t left) {
    return conv_quotient_up(left, conv_quotient_up(left, variant->vectors));
}

/// Runs the tiles of a product of any size; first->a, b, c are those of its first row and vector. With CONV_ALONG, a's
/// rows come in blocks of `lanes`, `a_block` apart.
void hone_conv_run_tiles(const hone_conv_variant *variant, conv_order order, const conv_tile *first, size_t rows,
                         size_t a_block, size_t vectors);

// The ways of working; each covers the cases that its `fits` says, hone_conv_implicit_… cover all.
void hone_conv_implicit_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                                const float *bias, bool relu, float *y);
void hone_conv_implicit_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                       const float *w, float *dx, bool accumulate);
void hone_conv_implicit_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                        const float *dy, float *dw, bool accumulate);

bool hone_conv_direct_fits(const hone_conv *conv);
void hone_conv_direct_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                              const float *bias, bool relu, float *y);
void hone_conv_direct_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                      const float *dy, float *dw, bool accumulate);

bool hone_conv_depthwise_fits(const hone_conv *conv);
void hone_conv_depthwise_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                 const float *w, const float *bias, bool relu, float *y);
void hone_conv_depthwise_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                        const float *w, float *dx, bool accumulate);
void hone_conv_depthwise_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                         const float *dy, float *dw, bool accumulate);

bool hone_conv_winograd_fits(const hone_conv *conv);
void hone_conv_winograd_forward(const hone_conv_variant *variant, const hone_conv *conv, const float *x, const float *w,
                                const float *bias, bool relu, float *y);
void hone_conv_winograd_backward_input(const hone_conv_variant *variant, const hone_conv *conv, const float *dy,
                                       const float *w, float *dx, bool accumulate);
void hone_conv_winograd_backward_weight(const hone_conv_variant *variant, const hone_conv *conv, const float *x,
                                        const float *dy, float *dw, bool accumulate);

#endif
