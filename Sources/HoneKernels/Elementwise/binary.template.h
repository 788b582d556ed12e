// Element-wise functions of two operands, row by row.
#include "../VectorMath/loops.h"
#include "../VectorMath/special.h"

/// Three kernels for out = formula(a, b): both operands move along a row, or one of them is one number a row.
#define HONE_BINARY(name, formula)                                                                              \
    static void name##_both(const float *a_rows, size_t a_step, const float *b_rows, size_t b_step, float *out, \
                            size_t rows, size_t columns) {                                                      \
        for (size_t row = 0; row < rows; row++, a_rows += a_step, b_rows += b_step, out += columns) {           \
            HONE_LOOP(columns, {                                                                                \
                vf a = HONE_LOAD(a_rows);                                                                       \
                vf b = HONE_LOAD(b_rows);                                                                       \
                HONE_STORE(out, formula);                                                                       \
            });                                                                                                 \
        }                                                                                                       \
    }                                                                                                           \
    static void name##_a(const float *a_rows, size_t a_step, const float *b_rows, size_t b_step, float *out,    \
                         size_t rows, size_t columns) {                                                         \
        for (size_t row = 0; row < rows; row++, a_rows += a_step, b_rows += b_step, out += columns) {           \
            vf b = v_splat(*b_rows);                                                                            \
            HONE_LOOP(columns, {                                                                                \
                vf a = HONE_LOAD(a_rows);                                                                       \
                HONE_STORE(out, formula);                                                                       \
            });                                                                                                 \
        }                                                                                                       \
    }                                                                                                           \
    static void name##_b(const float *a_rows, size_t a_step, const float *b_rows, size_t b_step, float *out,    \
                         size_t rows, size_t columns) {                                                         \
        for (size_t row = 0; row < rows; row++, a_rows += a_step, b_rows += b_step, out += columns) {           \
            vf a = v_splat(*a_rows);                                                                            \
            HONE_LOOP(columns, {                                                                                \
                vf b = HONE_LOAD(b_rows);                                                                       \
                HONE_STORE(out, formula);                                                                       \
            });                                                                                                 \
        }                                                                                                       \
    }

#define HONE_TRUTH(condition) ((condition) ? v_splat(1.0f) : v_splat(0.0f))

HONE_BINARY(add, a + b)
HONE_BINARY(sub, a - b)
HONE_BINARY(mul, a * b)
HONE_BINARY(div, a / b)
HONE_BINARY(pow, v_pow(a, b))
HONE_BINARY(maximum, v_maximum(a, b))
HONE_BINARY(minimum, v_minimum(a, b))
HONE_BINARY(less, HONE_TRUTH(a < b))
HONE_BINARY(less_equal, HONE_TRUTH(a <= b))
HONE_BINARY(greater, HONE_TRUTH(a > b))
HONE_BINARY(greater_equal, HONE_TRUTH(a >= b))
HONE_BINARY(equal, HONE_TRUTH(a == b))
HONE_BINARY(not_equal, HONE_TRUTH(a != b))
