// The C kernels of Hone. Every kernel that has variants takes a `hone_isa` first; pass HONE_ISA_AUTO for the best one.
#ifndef HONE_KERNELS_H
#define HONE_KERNELS_H

#include "hone/isa.h"
#include "hone/parallel.h"
#include "hone/gemm.h"
#include "hone/convolution.h"
#include "hone/elementwise.h"
#include "hone/reduce.h"
#include "hone/loss.h"
#include "hone/optimizer.h"
#include "hone/random.h"
#include "hone/pooling.h"
#include "hone/normalization.h"
#include "hone/attention.h"
#include "hone/recurrent.h"
#include "hone/layout.h"
#include "hone/memory.h"
#include "hone/runtime.h"

#endif
