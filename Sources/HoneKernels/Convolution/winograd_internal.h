// What the two drivers of Winograd's convolution share: winograd.c for forward and dx, winograd_gradient.c for dw.
#ifndef HONE_WINOGRAD_INTERNAL_H
#define HONE_WINOGRAD_INTERNAL_H

#include "convolution_internal.h"

/// Images that tiles are made of or make, for one group.
typedef struct winograd_planes {
    float *first;
    size_t channels, blocks, image;  // channels and blocks of them in the group; floats from one image to the next
    size_t height, width;
    ptrdiff_t row, column;  // of the first tile's first element
} winograd_planes;

/// One convolution of a group. `in` and `out` are x and y, or, for the gradient of x, dy and dx.
typedef struct winograd_job {
    const hone_conv_variant *variant;
    const winograd_scheme *scheme;
    size_t lanes, points;
    winograd_planes in, out;
    size_t tile_rows, tile_columns;  // of an image
    size_t units;  // rows of tiles, of all images
} winograd_job;

/// Rows of tiles of one image.
typedef struct winograd_band {
    size_t image, first, count;
} winograd_band;

/// The next units of `begin..<end` that are in one image.
static inline winograd_band winograd_next_band(const winograd_job *job, size_t begin, size_t end) {
    size_t first = begin % job->tile_rows;
    return (winograd_band){begin / job->tile_rows, first, conv_least(end - begin, job->tile_rows - first)};
}

/// Floats from one point to the next: such that a tile's points are not all in the same set of a cache.
static inline size_t winograd_stride(size_t floats, size_t lanes) { return (floats / lanes | 1) * lanes; }

/// Tiles and blocks for a job with variant, scheme and planes filled in.
void hone_winograd_lay_tiles(winograd_job *job, size_t batch);

/// The planes of a group of x (with the rows and columns of tiles for forward) and of y.
winograd_planes hone_winograd_planes_of_x(const hone_conv *conv, const float *x, size_t group);
winograd_planes hone_winograd_planes_of_y(const hone_conv *conv, const float *y, size_t group);

/// Floats of a stage for so many units, of inputs or outputs.
size_t hone_winograd_stage(const winograd_job *job, size_t units);

/// Units of one block of channels to their points, [point][tile][lane]: inputs, or with `gradient` outputs' gradients.
void hone_winograd_transform(const winograd_job *job, bool gradient, size_t block, size_t begin, size_t end,
                             float *stage, float *points, size_t stride);

/// The points of units of outputs to the images.
void hone_winograd_put(const winograd_job *job, size_t block, size_t begin, size_t end, const float *points,
                       size_t stride, const float *bias, bool relu, float *stage, bool accumulate);

/// The point of the weights that point (row, column) of a tile is multiplied with.
static inline size_t winograd_weight_point(size_t row, size_t column) {
    enum { last = winograd_weight_axis - 1 };
    return conv_least(row, last) * winograd_weight_axis + conv_least(column, last);
}

#endif
