// SPDX-License-Identifier: Apache-2.0
// What the builders of all families share: nodes whose constants are tensors of the checkpoint.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "converter/nodes/node_type.h"
#include "models/config/picture.h"
#include "models/names/tensors.h"

namespace vitro::converter {

struct EncoderBlock {
  size_t heads = 0, hidden = 0;
  float epsilon = 0;  // of its LayerNorms
  bool layer_scale = false;
  const Matrix* bias = nullptr;  // of its attention's scores; null: none
};

class GraphBuilder {
 public:
  explicit GraphBuilder(CheckedTensors& tensors) : tensors_(tensors) {}

 protected:
  /// The picture, with its usual preprocessing (config/picture.h).
  void set_picture(PixelSize size) { graph_.preprocessing = usual_preprocessing(size); }

  size_t add(const std::string& name, std::vector<size_t> inputs, Operation operation) {
    return add_node(graph_, name, std::move(inputs), std::move(operation));
  }
  void output(size_t node, const std::string& name, OutputKind kind) {
    graph_.outputs.push_back({node, name, kind});
  }
  size_t cols(size_t node) const { return graph_.nodes[node].cols; }

  /// Zeros where the model has none.
  std::vector<float> bias(const std::string& name, size_t n);

  /// Nodes "pixels" and "patch_embed": a convolution whose kernel and stride are `patch`.
  size_t patch_embedding(size_t patch, size_t dim);
  /// Of the tensors `name`.weight [cols, columns of input] and `name`.bias.
  size_t linear(const std::string& name, size_t input, size_t cols);
  /// Of the tensors `tensor`.weight and `tensor`.bias.
  size_t layer_norm(const std::string& name, const std::string& tensor, size_t input,
                    float epsilon);

  /// Pre-norm attention and MLP with GELU, each added to the stream; tensors and nodes
  /// `name`.norm1, .attn.q, .attn.k, .attn.v, .attn.proj, .norm2, .mlp.fc1, .mlp.fc2, and
  /// .ls1.gamma and .ls2.gamma where there is LayerScale. Returns the stream.
  size_t encoder_block(const std::string& name, size_t stream, const EncoderBlock& block);

  /// x * scale after the latest node, a linear: that linear with its rows scaled.
  void scale_outputs(const std::vector<float>& scale);

  CheckedTensors& tensors_;
  Graph graph_;
};

}  // namespace vitro::converter
