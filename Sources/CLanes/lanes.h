#pragma once

// In C for one reason: a function can be compiled for wider registers than the rest of the program,
// and chosen when the processor has them. All variants of a function are made from the same lines.

// No fused operations, which would skip a rounding on processors that have them.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")
