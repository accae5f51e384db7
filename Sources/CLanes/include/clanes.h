#pragma once

/// The product that decoding is made of: `output[r] = input[r] · Wᵀ`, or that added to `output[r]`.
///
/// Each output is one running sum over the inputs from first to last, in 32-bit floats, a rounded
/// product and a rounded sum at a time: it has the same bits alone or beside others, with wide
/// registers or narrow ones, on any processor.
///
/// - weights: `[panels, inputs, 8]`, the weights of eight outputs side by side, padded with zeros.
/// - input: `[rows, inputs]`.
/// - output: `[rows, outputs]`.
void clanes_multiply(const float *weights, const float *input, long rows, long inputs,
                     long outputs, float *output, _Bool adding);
