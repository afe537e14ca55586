// SPDX-License-Identifier: Apache-2.0
// What a node computes: one struct of parameters for each kind in operations.def. x is the value
// of the node's first input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converter/base/matrix.h"

namespace vitro::converter {

/// The picture -> [patches, patch_height * patch_width * 3 + zeros]: patches in row-major order,
/// columns in the order (y, x, channel), then columns of zeros.
struct PatchRows {
  size_t patch_height = 0, patch_width = 0;  // pixels
  size_t zeros = 0;
  bool raw = false;   // pixels 0..255; else pixel * rescale, normalised by mean and std
  size_t stride = 0;  // pixels between first pixels of patches, both ways; 0: side by side
};

/// [m, k] -> x weight^T + bias, [m, n].
struct Linear {
  Matrix weight;            // [n, k]
  std::vector<float> bias;  // [n]; zeros where the model has none
};

/// [p, d] -> the rows of `prefix`, then x + positions.
struct Tokens {
  Matrix prefix;     // [any, d]: class token, distillation token ..., with their positions
  Matrix positions;  // [p, d]
};

/// Reads nothing.
struct Constant {
  Matrix rows;
};

/// Of each row: (x - mean) / sqrt(variance + epsilon) * gamma + beta.
struct LayerNorm {
  std::vector<float> gamma, beta;  // both [d], or both empty: 1 and 0
  float epsilon = 0;
};

/// q [groups * queries, heads * d], k [groups * tokens, heads * d], v [groups * tokens, heads * e]
/// -> [groups * queries, heads * e]. Each row of q attends to the rows of k and v of its own group:
/// softmax(q k^T * scale + bias) v for each head. Where there are regions, it attends to those of
/// its own region alone.
struct Attention {
  size_t heads = 1;
  size_t groups = 1;             // of consecutive rows
  float scale = 0;               // usually d^-0.5
  Matrix bias;                   // [heads * queries, tokens], the same for all groups; or empty
  std::vector<uint8_t> regions;  // [groups * tokens], queries = tokens; or empty
};

/// [n, d] -> [rows, taps * d]: rows of x side by side; kNoRow: zeros.
struct GatherRows {
  static constexpr uint32_t kNoRow = 0xffffffff;
  size_t taps = 1;
  std::vector<uint32_t> index;   // [rows, taps]
  size_t height = 0, width = 0;  // of the map that the value is; 0: none
};

/// x (1 + erf(x / sqrt 2)) / 2, element by element; or what many models take in its place, at most
/// 5e-4 from it: x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2. Programs have one GELU for
/// both.
struct Gelu {
  bool by_tanh = false;
};

/// The sum of two inputs.
struct Add {};

/// `count` consecutive rows of x.
struct SelectRows {
  size_t first_row = 0, count = 1;
};

/// [m, d] -> [1, d]: the mean of the rows from first_row to the end.
struct MeanRows {
  size_t first_row = 0;
};

/// (a + b) / 2: late fusion of two heads.
struct Average {};

/// LayerNorm for readers that mix rows, so that gamma and beta cannot go into their weights.
struct Norm {
  std::vector<float> gamma, beta;  // [d]
  float epsilon = 0;
};

/// [m, d] -> [d, m + zeros]: columns become rows, then columns of zeros follow.
struct Transpose {
  size_t zeros = 0;
};

/// Of each column: x * scale + shift.
struct ColumnAffine {
  std::vector<float> scale, shift;  // [d]
};

/// The product of two inputs, element by element.
struct Multiply {};

/// x / (1 + e^-x), element by element.
struct Silu {};

/// Of each row and head: x / sqrt(the sum of x^2 + epsilon) * gain, so that its length is the gain.
struct HeadNorm {
  std::vector<float> gain;  // one for each head; the columns are divided among them
  float epsilon = 0;
};

/// Rotary positions (arXiv 2104.09864): of each head of d columns, i and i + d / 2 become
/// x_i cos - x_(i + d / 2) sin and x_(i + d / 2) cos + x_i sin, the angle that of the row and of i.
struct RotatePairs {
  size_t heads = 1;
  Matrix cosine, sine;  // [rows, d / 2]
};

/// q, k [tokens, heads * d] and, where there is one, v [heads, tokens] -> [heads, tokens]: each row
/// of v times softmax(q k^T * scale) of its head; without v the first token's row of that. From the
/// last block to the first it is attention rollout (arXiv 2005.00928) without its sums.
struct Rollout {
  size_t heads = 1;
  float scale = 0;  // as attention's
};

/// [m, d] -> [m, 1]: the column of each row's first largest value from column `first` on.
struct ArgMax {
  size_t first = 0;
};

/// [m, d] and [n, 1] -> [leading + n, d]: the first rows of x, then those whose numbers the second
/// input holds.
struct PickRows {
  size_t leading = 0;
};

}  // namespace vitro::converter
