// SPDX-License-Identifier: Apache-2.0
// The float graph: what a checkpoint computes, before anything is quantised. Data, not code: a
// family of models is a builder of this.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/base/matrix.h"
#include "converter/base/preprocessing.h"

namespace vitro::converter {

enum class NodeKind {
  PatchRows,  // picture -> [grid*grid, patch*patch*3 (and zeros after pad)], row-major patches,
              // columns in (y, x, channel) order; (pixel*rescale - mean)/std, raw 0..255 after fold
  Linear,  // x [m,k] -> x W^T + b; weight [n,k], bias [n] (always present, zeros if the model has
           // none)
  Tokens,  // patches [p,d] -> [prefix + p, d]: rows of `prefix` (class, distillation token;
           // positions added), then patches + `positions`
  LayerNorm,  // x -> (x - mean) / sqrt(var + epsilon) * gamma + beta; gamma, beta empty after fold
  Attention,  // q, k, v [t, heads*head_dim] -> [t, heads*head_dim]: softmax(q k^T * scale) v for
              // each head
  Gelu,       // exact (erf) GELU
  Add,        // a + b (inputs[0] is the residual stream)
  SelectRow,  // x -> row `first_row` of it, [1, d]
  MeanRows,   // x -> mean of rows first_row.. to the end, [1, d]
  Average,    // (a + b) / 2, late fusion of two heads
};

struct Node {
  NodeKind kind;
  std::string name;  // of its value; unique; e.g. "blocks.3.attn.q"
  std::vector<int>
      inputs;  // indices of earlier nodes; empty for PatchRows, whose input is the picture
  size_t rows = 0, cols = 0;

  Matrix weight;                   // Linear
  std::vector<float> bias;         // Linear
  Matrix prefix, positions;        // Tokens
  std::vector<float> gamma, beta;  // LayerNorm
  float epsilon = 0;               // LayerNorm
  size_t heads = 0;                // Attention
  float scale = 0;                 // Attention: head_dim^-0.5
  size_t first_row = 0;            // SelectRow, MeanRows
};

struct Graph {
  Preprocessing preprocessing;
  size_t patch = 0;         // pixels, square
  size_t residual_dim = 0;  // width of the residual stream
  bool folded = false;
  std::vector<Node> nodes;  // in topological order; the last one is the logits [1, classes]

  const Node& logits() const { return nodes.back(); }
};

}  // namespace vitro::converter
