// All optimizer kernels of one instruction set, and their table.
#include "../VectorMath/loops.h"

/// Zero for a subnormal. Where gradients have become 0 for good (dead units), a first moment shrinks step by step until
/// it sticks at a subnormal that no factor can round away, and arithmetic with those is slow on many processors.
HONE_INLINE vf without_subnormals(vf x) { return v_abs(x) < 0x1p-126f ? v_splat(0.0f) : x; }

/// Opens a kernel: its constants as `c`, its arrays from `from` on as `p`, `g`, ….
#define HONE_RULE(name)                                                                                         \
    static void name(const hone_rule_constants *constants, const hone_rule_arrays *arrays, size_t from, size_t n)
#define HONE_RULE_ARRAYS                            \
    const hone_rule_constants c = *constants;       \
    float *p = arrays->p + from;                    \
    const float *g = arrays->g + from;

/// The parameter and the gradient with their decay, whichever of the two it acts on.
#define HONE_DECAYED                                                                          \
    vf parameter = HONE_LOAD(p);                                                              \
    vf gradient = v_fma(v_splat(c.input.decay), parameter, c.input.gain * HONE_LOAD(g));      \
    parameter *= c.input.shrink;

#include "sgd.template.h"
#include "adam.template.h"
#include "rms.template.h"
#include "averaging.template.h"
#include "prodigy.template.h"
#include "factored.template.h"

const hone_optimizer_kernels HONE_VARIANT(hone_optimizer) = {
    .sgd_plain = sgd_plain,
    .sgd_first = sgd_first,
    .sgd_first_nesterov = sgd_first_nesterov,
    .sgd_momentum = sgd_momentum,
    .sgd_nesterov = sgd_nesterov,
    .adam = adam,
    .adam_maximum = adam_maximum,
    .adam_blend = adam_blend,
    .lamb_direction = lamb_direction,
    .adamax = adamax,
    .lion = lion,
    .rms = {{rms_plain, rms_momentum, rms_nesterov}, {centred_plain, centred_momentum, centred_nesterov}},
    .adadelta = adadelta,
    .schedule_free = schedule_free,
    .schedule_free_adaptive = schedule_free_adaptive,
    .move_toward = move_toward,
    .prodigy_measure = prodigy_measure,
    .normalized = normalized,
    .averaged_direction = averaged_direction,
    .factored = factored,
};
