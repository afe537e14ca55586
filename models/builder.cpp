// SPDX-License-Identifier: Apache-2.0
#include "models/builder.h"

#include <cmath>

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

size_t GraphBuilder::encoder_block(const std::string& name, size_t stream,
                                   const EncoderBlock& block) {
  const size_t dim = cols(stream);
  const auto layer_scale = [&](const std::string& part) {
    if (block.layer_scale) scale_outputs(tensors_.vector(name + part, dim));
  };
  const size_t norm1 = layer_norm(name + ".norm1", name + ".norm1", stream, block.epsilon);
  const size_t q = linear(name + ".attn.q", norm1, dim);
  const size_t k = linear(name + ".attn.k", norm1, dim);
  const size_t v = linear(name + ".attn.v", norm1, dim);
  Attention heads;
  heads.heads = block.heads;
  if (block.bias) heads.bias = *block.bias;
  const size_t head_dim = dim / block.heads;
  heads.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(head_dim)));
  const size_t attention = add(name + ".attn.attention", {q, k, v}, heads);
  const size_t proj = linear(name + ".attn.proj", attention, dim);
  layer_scale(".ls1.gamma");
  const size_t middle = add(name + ".attn.residual", {stream, proj}, Add{});

  const size_t norm2 = layer_norm(name + ".norm2", name + ".norm2", middle, block.epsilon);
  const size_t fc1 = linear(name + ".mlp.fc1", norm2, block.hidden);
  const size_t gelu = add(name + ".mlp.gelu", {fc1}, Gelu{});
  const size_t fc2 = linear(name + ".mlp.fc2", gelu, dim);
  layer_scale(".ls2.gamma");
  return add(name + ".mlp.residual", {middle, fc2}, Add{});
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
