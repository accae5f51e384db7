#pragma once

/// What decoding is made of, in 32-bit floats, never fused, each sum in one fixed order. So every
/// result has the same bits alone or beside others, with wide registers or narrow ones, on any
/// processor.

/// Lays out the rows of an input as `clanes_multiply` reads them on this processor.
///
/// - input: `[rows, inputs]`.
/// - packed: As many floats.
void clanes_pack(const float *input, long rows, long inputs, float *packed);

/// Some columns of `output[r] = input[r] · Wᵀ`, or of that added to `output[r]`.
///
/// Each output is one running sum over the inputs from first to last, a rounded product and a
/// rounded sum at a time.
///
/// - weights: `[panels, inputs, 16]`, the weights of 16 outputs side by side, padded with zeros; fast
///   only where they start at a multiple of 64 bytes.
/// - packed: The input, from `clanes_pack` with the same `rows` and `inputs`.
/// - first, end: The panels to compute; different ones may be computed at the same time.
/// - output: `[rows, outputs]`.
void clanes_multiply(const float *weights, const float *packed, long rows, long inputs,
                     long outputs, long first, long end, float *output, _Bool adding);

/// One head of one token over the tokens up to it: what their values come to, each as much as its
/// key answers the query.
///
/// - query, output: `[size]`, a multiple of eight.
/// - keys, values: `[count, width]`, of which the first `size` numbers of each row are this head's.
/// - scale: What products of query and key are multiplied by.
/// - weights: Room for `count` floats, at least one.
void clanes_attend(const float *query, const float *keys, const float *values, long count,
                   long size, long width, float scale, float *weights, float *output);

/// `x·sigmoid(x)` of each gate, times the number behind the gates that belongs to it.
///
/// - gates: `[2, count]`, a multiple of eight.
/// - output: `[count]`.
void clanes_gate(const float *gates, long count, float *output);
