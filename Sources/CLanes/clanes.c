#include "clanes.h"

// In C for one reason: a function can be compiled for wider registers than the rest of the program,
// and chosen when the processor has them. All variants are made from the same lines.

typedef float lanes __attribute__((vector_size(32), aligned(4)));

// No fused operations, which would skip a rounding on processors that have them.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

/// Writes the lanes of one panel that are outputs.
INLINE void put(const lanes *sum, float *target, long count, _Bool adding) {
  if (count >= 8) {
    *(lanes *)target = adding ? *(lanes *)target + *sum : *sum;
    return;
  }
  for (long lane = 0; lane < count; lane++)
    target[lane] = adding ? target[lane] + (*sum)[lane] : (*sum)[lane];
}

/// Some rows by some panels; both counts are constants, so that all sums stay in registers.
INLINE void block(const float *weights, const float *input, long inputs, long outputs, long panel,
                  float *output, _Bool adding, const int rows, const int panels) {
  lanes sums[8] = {0};
  for (long index = 0; index < inputs; index++) {
    lanes weight[8];
#pragma clang loop unroll(full)
    for (int p = 0; p < panels; p++)
      weight[p] = *(const lanes *)(weights + (p * inputs + index) * 8);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const float x = input[r * inputs + index];
#pragma clang loop unroll(full)
      for (int p = 0; p < panels; p++) sums[r * panels + p] += weight[p] * x;
    }
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
    for (int p = 0; p < panels; p++)
      put(&sums[r * panels + p], output + r * outputs + p * 8, outputs - (panel + p) * 8, adding);
}

/// All rows by one group of panels: four rows at a time by two panels at a time, which uses each
/// weight often; single rows by all eight panels, since one sum alone waits for each addition.
INLINE void group(const float *weights, const float *input, long rows, long inputs, long outputs,
                  long panel, float *output, _Bool adding, const int panels) {
  long row = 0;
  for (; row + 4 <= rows; row += 4) {
    const float *in = input + row * inputs;
    float *out = output + row * outputs;
    if (panels == 1) block(weights, in, inputs, outputs, panel, out, adding, 4, 1);
    for (int p = 0; p + 2 <= panels; p += 2)
      block(weights + p * inputs * 8, in, inputs, outputs, panel + p, out + p * 8, adding, 4, 2);
  }
  for (; row < rows; row++)
    block(weights, input + row * inputs, inputs, outputs, panel, output + row * outputs, adding, 1,
          panels);
}

INLINE void multiply(const float *weights, const float *input, long rows, long inputs,
                     long outputs, float *output, _Bool adding) {
  const long panels = (outputs + 7) / 8;
  long panel = 0;
  for (; panel + 8 <= panels; panel += 8)
    group(weights + panel * inputs * 8, input, rows, inputs, outputs, panel, output + panel * 8,
          adding, 8);
  for (; panel + 2 <= panels; panel += 2)
    group(weights + panel * inputs * 8, input, rows, inputs, outputs, panel, output + panel * 8,
          adding, 2);
  for (; panel < panels; panel++)
    group(weights + panel * inputs * 8, input, rows, inputs, outputs, panel, output + panel * 8,
          adding, 1);
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void multiply_wide(const float *weights, const float *input,
                                                          long rows, long inputs, long outputs,
                                                          float *output, _Bool adding) {
  multiply(weights, input, rows, inputs, outputs, output, adding);
}
#endif

void clanes_multiply(const float *weights, const float *input, long rows, long inputs,
                     long outputs, float *output, _Bool adding) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    multiply_wide(weights, input, rows, inputs, outputs, output, adding);
    return;
  }
#endif
  multiply(weights, input, rows, inputs, outputs, output, adding);
}
