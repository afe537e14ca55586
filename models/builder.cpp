// SPDX-License-Identifier: Apache-2.0
#include "models/builder.h"

namespace vitro::converter {

std::vector<float> GraphBuilder::bias(const std::string& name, size_t n) {
  return tensors_.expects(name) ? tensors_.vector(name, n) : std::vector<float>(n);
}

size_t GraphBuilder::patch_embedding(size_t patch, size_t dim) {
  Linear embedding;
  embedding.weight = Matrix(dim, patch * patch * 3);
  embedding.bias = bias("patch_embed.proj.bias", dim);
  const float* convolution = tensors_.take("patch_embed.proj.weight", {dim, 3, patch, patch});
  for (size_t n = 0; n < dim; ++n) {
    for (size_t channel = 0; channel < 3; ++channel) {
      for (size_t yx = 0; yx < patch * patch; ++yx)
        embedding.weight.row(n)[yx * 3 + channel] = *convolution++;
    }
  }
  const size_t pixels = add("pixels", {}, PatchRows{patch, patch});
  return add("patch_embed", {pixels}, std::move(embedding));
}

size_t GraphBuilder::linear(const std::string& name, size_t input, size_t cols) {
  Linear linear;
  linear.weight = Matrix(cols, graph_.nodes[input].cols);
  const float* weight = tensors_.take(name + ".weight", {cols, linear.weight.cols});
  linear.weight.data.assign(weight, weight + linear.weight.data.size());
  linear.bias = bias(name + ".bias", cols);
  return add(name, {input}, std::move(linear));
}

void GraphBuilder::scale_outputs(const std::vector<float>& scale) {
  auto& linear = graph_.nodes.back().as<Linear>();
  for (size_t n = 0; n < scale.size(); ++n) {
    for (size_t k = 0; k < linear.weight.cols; ++k) linear.weight.row(n)[k] *= scale[n];
    linear.bias[n] *= scale[n];
  }
}

size_t GraphBuilder::layer_norm(const std::string& name, const std::string& tensor, size_t input,
                                float epsilon) {
  LayerNorm norm;
  norm.gamma = tensors_.vector(tensor + ".weight", cols(input));
  norm.beta = bias(tensor + ".bias", cols(input));
  norm.epsilon = epsilon;
  return add(name, {input}, std::move(norm));
}

}  // namespace vitro::converter
