#include "clanes.h"
#include "lanes.h"

#include <string.h>

/// Outputs of one panel.
#define WIDTH 16

typedef float lanes __attribute__((vector_size(WIDTH * 4), aligned(4)));

/// How a product is cut up, by what registers there are.
typedef struct {
  /// Rows by one panel: all sums stay in registers, and each weight that is loaded serves them all.
  int rows;
  /// Panels by one row: one sum alone would wait for each addition.
  int panels;
} shape;

/// Rows of the next block, where some are left.
INLINE long next_rows(long left, const shape cut) {
  if (left >= cut.rows) return cut.rows;
  if (cut.rows > 8 && left >= 8) return 8;
  if (cut.rows > 4 && left >= 4) return 4;
  return 1;
}

/// Writes the lanes of one panel that are outputs.
INLINE void put(const lanes *sum, float *target, long count, _Bool adding) {
  if (count >= WIDTH) {
    *(lanes *)target = adding ? *(lanes *)target + *sum : *sum;
    return;
  }
  for (long lane = 0; lane < count; lane++)
    target[lane] = adding ? target[lane] + (*sum)[lane] : (*sum)[lane];
}

/// Some rows by some panels; both counts are constants.
INLINE void block(const float *weights, const float *packed, long inputs, long outputs, long panel,
                  float *output, _Bool adding, const int rows, const int panels) {
  lanes sums[16] = {0};
  for (long index = 0; index < inputs; index++) {
    lanes weight[4];
    // Many rows take their time over a weight, and processors do not look ahead beyond a page.
    if (rows >= 8) __builtin_prefetch(weights + (index + 64) * WIDTH);
    UNROLLED
    for (int p = 0; p < panels; p++)
      weight[p] = *(const lanes *)(weights + (p * inputs + index) * WIDTH);
    UNROLLED
    for (int r = 0; r < rows; r++) {
      const float x = packed[index * rows + r];
      UNROLLED
      for (int p = 0; p < panels; p++) sums[r * panels + p] += weight[p] * x;
    }
  }
  UNROLLED
  for (int r = 0; r < rows; r++) {
    UNROLLED
    for (int p = 0; p < panels; p++)
      put(&sums[r * panels + p], output + r * outputs + p * WIDTH, outputs - (panel + p) * WIDTH,
          adding);
  }
}

/// All rows by one group of panels.
INLINE void group(const float *weights, const float *packed, long rows, long inputs, long outputs,
                  long panel, float *output, _Bool adding, const int panels, const shape cut) {
  long size;
  for (long row = 0; row < rows; row += size) {
    const float *in = packed + row * inputs;
    float *out = output + row * outputs;
    size = next_rows(rows - row, cut);
    if (size == 1) block(weights, in, inputs, outputs, panel, out, adding, 1, panels);
    for (int p = 0; size > 1 && p < panels; p++) {
      const float *from = weights + p * inputs * WIDTH;
      float *to = out + p * WIDTH;
      if (size == cut.rows)
        block(from, in, inputs, outputs, panel + p, to, adding, cut.rows, 1);
      else if (cut.rows > 8 && size == 8)
        block(from, in, inputs, outputs, panel + p, to, adding, 8, 1);
      else
        block(from, in, inputs, outputs, panel + p, to, adding, 4, 1);
    }
  }
}

INLINE void multiply(const float *weights, const float *packed, long rows, long inputs,
                     long outputs, long first, long end, float *output, _Bool adding,
                     const shape cut) {
  long panel = first;
  for (; panel + cut.panels <= end; panel += cut.panels)
    group(weights + panel * inputs * WIDTH, packed, rows, inputs, outputs, panel,
          output + panel * WIDTH, adding, cut.panels, cut);
  for (; panel < end; panel++)
    group(weights + panel * inputs * WIDTH, packed, rows, inputs, outputs, panel,
          output + panel * WIDTH, adding, 1, cut);
}

#if defined(__x86_64__)
static const shape cut_512 = {16, 4}, cut_256 = {6, 4};

__attribute__((target("avx512f"))) static void multiply_512(const float *weights,
                                                            const float *packed, long rows,
                                                            long inputs, long outputs, long first,
                                                            long end, float *output,
                                                            _Bool adding) {
  multiply(weights, packed, rows, inputs, outputs, first, end, output, adding, cut_512);
}

__attribute__((target("avx2"))) static void multiply_256(const float *weights, const float *packed,
                                                         long rows, long inputs, long outputs,
                                                         long first, long end, float *output,
                                                         _Bool adding) {
  multiply(weights, packed, rows, inputs, outputs, first, end, output, adding, cut_256);
}
#endif

/// Also what an ARM processor takes: it has as many registers as this needs.
static const shape cut_128 = {4, 4};

static shape best_cut(void) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return cut_512;
  if (__builtin_cpu_supports("avx2")) return cut_256;
#endif
  return cut_128;
}

void clanes_pack(const float *input, long rows, long inputs, float *packed) {
  const shape cut = best_cut();
  long size;
  for (long row = 0; row < rows; row += size, packed += size * inputs) {
    size = next_rows(rows - row, cut);
    for (long r = 0; r < size; r++)
      for (long index = 0; index < inputs; index++)
        packed[index * size + r] = input[(row + r) * inputs + index];
  }
}

void clanes_multiply(const float *weights, const float *packed, long rows, long inputs,
                     long outputs, long first, long end, float *output, _Bool adding) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    multiply_512(weights, packed, rows, inputs, outputs, first, end, output, adding);
    return;
  }
  if (__builtin_cpu_supports("avx2")) {
    multiply_256(weights, packed, rows, inputs, outputs, first, end, output, adding);
    return;
  }
#endif
  multiply(weights, packed, rows, inputs, outputs, first, end, output, adding, cut_128);
}
