#include "clanes.h"
#include "lanes.h"

#include <float.h>

typedef float lanes __attribute__((vector_size(32), aligned(4)));
typedef int whole_lanes __attribute__((vector_size(32)));

/// Takes the first where the mask has ones, else the second.
INLINE void choose(const whole_lanes *mask, const lanes *first, const lanes *second,
                   lanes *result) {
  *result = (lanes)((*mask & (whole_lanes)*first) | (~*mask & (whole_lanes)*second));
}

/// The sum of the lanes, always in the order of a tree over halves.
INLINE float sum(const lanes *x) {
  const float a = (*x)[0] + (*x)[4], b = (*x)[1] + (*x)[5];
  const float c = (*x)[2] + (*x)[6], d = (*x)[3] + (*x)[7];
  return (a + c) + (b + d);
}

/// e to the power of each lane, by the steps of `VectorMath.exp`.
INLINE void exponential(const lanes *input, lanes *result) {
  const lanes low = {-87, -87, -87, -87, -87, -87, -87, -87}, high = -low;
  lanes x;
  whole_lanes mask = *input < low;
  choose(&mask, &low, input, &x);
  mask = x > high;
  choose(&mask, &high, &x, &x);
  // Adding 1.5·2²³ rounds to a whole number, left in the low bits of the sum.
  const float magic = 12582912;
  const lanes shifted = x * 1.44269504f + magic;
  const lanes whole = shifted - magic;
  const lanes r = x - whole * 0.693359375f - whole * -2.1219444e-4f;
  lanes p = r * 1.9875691e-4f + 1.3981999e-3f;
  p = p * r + 8.333452e-3f;
  p = p * r + 4.1665796e-2f;
  p = p * r + 1.6666665e-1f;
  p = p * r + 5.0000001e-1f;
  const lanes value = p * (r * r) + r + 1;
  *result = (lanes)((whole_lanes)value + ((whole_lanes)shifted << 23));
}

/// Turns scores into shares of one in place, by the steps of `VectorMath.softmax`.
INLINE void soften(float *row, long count) {
  float highest = row[0];
  for (long index = 1; index < count; index++)
    if (row[index] > highest) highest = row[index];
  lanes total = {0};
  const long whole = count & ~7L;
  for (long index = 0; index < whole; index += 8) {
    lanes value = *(lanes *)(row + index) - highest;
    exponential(&value, &value);
    *(lanes *)(row + index) = value;
    total += value;
  }
  float all = sum(&total);
  if (whole < count) {
    lanes rest = {-FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX};
    for (long index = whole; index < count; index++) rest[index - whole] = row[index] - highest;
    exponential(&rest, &rest);
    for (long index = whole; index < count; index++) {
      row[index] = rest[index - whole];
      all += row[index];
    }
  }
  const float scale = 1 / all;
  for (long index = 0; index < count; index++) row[index] *= scale;
}

/// Adds up `groups` times eight numbers of the values, all at once: one sum alone would wait for
/// each addition.
INLINE void mix(const float *values, const float *weights, long count, long width, float *output,
                const int groups) {
  lanes sums[4] = {0};
  for (long index = 0; index < count; index++) {
    UNROLLED
    for (int g = 0; g < groups; g++)
      sums[g] += *(const lanes *)(values + index * width + g * 8) * weights[index];
  }
  UNROLLED
  for (int g = 0; g < groups; g++) *(lanes *)(output + g * 8) = sums[g];
}

INLINE void attend(const float *query, const float *keys, const float *values, long count,
                   long size, long width, float scale, float *weights, float *output) {
  for (long index = 0; index < count; index++) {
    lanes total = {0};
    for (long lane = 0; lane < size; lane += 8)
      total += *(const lanes *)(query + lane) * *(const lanes *)(keys + index * width + lane);
    weights[index] = sum(&total) * scale;
  }
  soften(weights, count);
  long lane = 0;
  for (; lane + 32 <= size; lane += 32)
    mix(values + lane, weights, count, width, output + lane, 4);
  for (; lane < size; lane += 8) mix(values + lane, weights, count, width, output + lane, 1);
}

INLINE void gate(const float *gates, long count, float *output) {
  for (long index = 0; index < count; index += 8) {
    const lanes x = *(const lanes *)(gates + index);
    lanes power = -x;
    exponential(&power, &power);
    *(lanes *)(output + index) = x * (1 / (1 + power)) * *(const lanes *)(gates + count + index);
  }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void attend_256(const float *query, const float *keys,
                                                       const float *values, long count, long size,
                                                       long width, float scale, float *weights,
                                                       float *output) {
  attend(query, keys, values, count, size, width, scale, weights, output);
}

__attribute__((target("avx2"))) static void gate_256(const float *gates, long count,
                                                     float *output) {
  gate(gates, count, output);
}
#endif

void clanes_attend(const float *query, const float *keys, const float *values, long count,
                   long size, long width, float scale, float *weights, float *output) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    attend_256(query, keys, values, count, size, width, scale, weights, output);
    return;
  }
#endif
  attend(query, keys, values, count, size, width, scale, weights, output);
}

void clanes_gate(const float *gates, long count, float *output) {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx2")) {
    gate_256(gates, count, output);
    return;
  }
#endif
  gate(gates, count, output);
}
