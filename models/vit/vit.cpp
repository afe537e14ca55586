// SPDX-License-Identifier: Apache-2.0
// Builds the float graph of a ViT or DeiT.
#include "models/vit/vit.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "models/vit/config.h"
#include "models/vit/positions.h"

namespace vitro::converter {
namespace {

class VitBuilder {
 public:
  VitBuilder(VitTensors& tensors, const VitConfig& config, const VitOptions& options)
      : tensors_(tensors), config_(config), options_(options) {}

  Graph build() {
    graph_.patch = config_.patch;
    graph_.residual_dim = config_.dim;
    const size_t image_size = config_.grid * config_.patch;
    graph_.preprocessing.image_width = graph_.preprocessing.image_height = image_size;
    // Photos are resized to a little more than the crop, as by timm and DeiT; tiny pictures (CIFAR)
    // are taken whole.
    graph_.preprocessing.resize_width = graph_.preprocessing.resize_height =
        image_size < 64 ? image_size : (image_size * 256 + 112) / 224;
    int stream = tokens();
    for (size_t b = 0; b < config_.depth; ++b)
      stream = block("blocks." + std::to_string(b), stream);
    classify(stream);
    return std::move(graph_);
  }

 private:
  int add(NodeKind kind, const std::string& name, std::vector<int> inputs, size_t rows,
          size_t cols) {
    Node node;
    node.kind = kind;
    node.name = name;
    node.inputs = std::move(inputs);
    node.rows = rows;
    node.cols = cols;
    graph_.nodes.push_back(std::move(node));
    return static_cast<int>(graph_.nodes.size()) - 1;
  }

  Node& last() { return graph_.nodes.back(); }
  size_t rows_of(int node) const { return graph_.nodes[node].rows; }
  size_t cols_of(int node) const { return graph_.nodes[node].cols; }

  std::vector<float> vector(const std::string& name, size_t n) {
    const float* data = tensors_.take(name, {n});
    return {data, data + n};
  }

  /// Zeros where the model has none.
  std::vector<float> bias(const std::string& name, size_t n) {
    return tensors_.expects(name) ? vector(name, n) : std::vector<float>(n);
  }

  int linear(const std::string& name, int input, size_t cols) {
    const size_t k = cols_of(input);
    const int node = add(NodeKind::Linear, name, {input}, rows_of(input), cols);
    last().weight = Matrix(cols, k);
    const float* weight = tensors_.take(name + ".weight", {cols, k});
    last().weight.data.assign(weight, weight + cols * k);
    last().bias = bias(name + ".bias", cols);
    return node;
  }

  /// x * gamma after a linear is the linear with its rows scaled.
  void layer_scale(const std::string& name) {
    if (!config_.layer_scale) return;
    Node& node = last();
    const std::vector<float> gamma = vector(name, node.cols);
    for (size_t n = 0; n < node.cols; ++n) {
      for (size_t k = 0; k < node.weight.cols; ++k) node.weight.row(n)[k] *= gamma[n];
      node.bias[n] *= gamma[n];
    }
  }

  int layer_norm(const std::string& name, const std::string& tensor, int input) {
    const int node = add(NodeKind::LayerNorm, name, {input}, rows_of(input), config_.dim);
    last().gamma = vector(tensor + ".weight", config_.dim);
    last().beta = bias(tensor + ".bias", config_.dim);
    last().epsilon = options_.epsilon;
    return node;
  }

  int tokens() {
    const size_t dim = config_.dim, patch = config_.patch, patches = config_.grid * config_.grid;
    const int pixels = add(NodeKind::PatchRows, "pixels", {}, patches, patch * patch * 3);
    const int embedded = add(NodeKind::Linear, "patch_embed", {pixels}, patches, dim);
    last().weight = Matrix(dim, patch * patch * 3);
    last().bias = bias("patch_embed.proj.bias", dim);
    const float* convolution = tensors_.take("patch_embed.proj.weight", {dim, 3, patch, patch});
    for (size_t n = 0; n < dim; ++n) {
      for (size_t channel = 0; channel < 3; ++channel) {
        for (size_t yx = 0; yx < patch * patch; ++yx)
          last().weight.row(n)[yx * 3 + channel] = *convolution++;
      }
    }

    const int node = add(NodeKind::Tokens, "tokens", {embedded}, config_.prefix() + patches, dim);
    last().prefix = prefix();
    Matrix positions(config_.trained_grid * config_.trained_grid, dim);
    const float* first = all_positions() + config_.positioned * dim;
    positions.data.assign(first, first + positions.data.size());
    last().positions = config_.grid == config_.trained_grid
                           ? std::move(positions)
                           : resample_positions(positions, config_.trained_grid, config_.grid);
    return node;
  }

  const float* all_positions() {
    return tensors_.take(
        "pos_embed",
        {1, config_.positioned + config_.trained_grid * config_.trained_grid, config_.dim});
  }

  /// The class and distillation token, the prompts, the registers; those that have a position with
  /// it.
  Matrix prefix() {
    const size_t dim = config_.dim;
    Matrix rows(config_.prefix(), dim);
    float* to = rows.data.data();
    const auto append = [&](const float* values, size_t count) {
      to = std::copy(values, values + count * dim, to);
    };
    if (config_.class_tokens > 0) append(tensors_.take("cls_token", {1, 1, dim}), 1);
    if (config_.class_tokens > 1) append(tensors_.take("dist_token", {1, 1, dim}), 1);
    append(options_.prompts.data.data(), config_.prompts);
    if (config_.registers > 0)
      append(tensors_.take("reg_token", {1, config_.registers, dim}), config_.registers);
    const float* position = all_positions();
    for (size_t i = 0; i < config_.positioned; ++i) {
      float* row = rows.row(i < config_.class_tokens ? i : i + config_.prompts);
      for (size_t c = 0; c < dim; ++c) row[c] += *position++;
    }
    return rows;
  }

  int block(const std::string& name, int stream) {
    const size_t rows = rows_of(stream), dim = config_.dim;
    const int norm1 = layer_norm(name + ".norm1", name + ".norm1", stream);
    const int q = linear(name + ".attn.q", norm1, dim);
    const int k = linear(name + ".attn.k", norm1, dim);
    const int v = linear(name + ".attn.v", norm1, dim);
    const int attention = add(NodeKind::Attention, name + ".attn.attention", {q, k, v}, rows, dim);
    last().heads = config_.heads;
    last().scale = static_cast<float>(1 / std::sqrt(static_cast<double>(dim / config_.heads)));
    const int proj = linear(name + ".attn.proj", attention, dim);
    layer_scale(name + ".ls1.gamma");
    const int middle = add(NodeKind::Add, name + ".attn.residual", {stream, proj}, rows, dim);

    const int norm2 = layer_norm(name + ".norm2", name + ".norm2", middle);
    const int fc1 = linear(name + ".mlp.fc1", norm2, config_.hidden);
    const int gelu = add(NodeKind::Gelu, name + ".mlp.gelu", {fc1}, rows, config_.hidden);
    const int fc2 = linear(name + ".mlp.fc2", gelu, dim);
    layer_scale(name + ".ls2.gamma");
    return add(NodeKind::Add, name + ".mlp.residual", {middle, fc2}, rows, dim);
  }

  int pooled_mean(int input) {
    const int node = add(NodeKind::MeanRows, "pool", {input}, 1, config_.dim);
    last().first_row = config_.prefix();
    return node;
  }

  /// LayerNorm works row by row, so that only the rows that a head reads need it.
  int normed_row(const std::string& name, const std::string& norm, const std::string& tensor,
                 size_t row, int stream) {
    const int selected = add(NodeKind::SelectRow, name, {stream}, 1, config_.dim);
    last().first_row = row;
    return layer_norm(norm, tensor, selected);
  }

  void classify(int stream) {
    if (config_.pool == VitPool::MeanThenNorm) {
      linear("head", layer_norm("norm", "fc_norm", pooled_mean(stream)), config_.classes);
    } else if (config_.pool == VitPool::NormThenMean) {
      linear("head", pooled_mean(layer_norm("norm", "norm", stream)), config_.classes);
    } else if (config_.pool == VitPool::TokenAndMean) {
      classify_token_and_mean(stream);
    } else {
      const std::string norm = tensors_.has("fc_norm.weight") ? "fc_norm" : "norm";
      const int head = linear("head", normed_row("cls", "norm", norm, 0, stream), config_.classes);
      if (!config_.distillation_head) return;
      const int head_dist =
          linear("head_dist", normed_row("dist", "norm_dist", norm, 1, stream), config_.classes);
      add(NodeKind::Average, "logits", {head, head_dist}, 1, config_.classes);
    }
  }

  /// W [t, m] + b is the average of 2 W_1 t + b and 2 W_2 m + b.
  void classify_token_and_mean(int stream) {
    const int head = half_head("head", normed_row("cls", "norm", "norm", 0, stream), 0);
    const int head_mean = half_head(
        "head_mean", pooled_mean(layer_norm("norm_patches", "norm", stream)), config_.dim);
    add(NodeKind::Average, "logits", {head, head_mean}, 1, config_.classes);
  }

  int half_head(const std::string& name, int input, size_t first_column) {
    const int node = add(NodeKind::Linear, name, {input}, 1, config_.classes);
    last().weight = Matrix(config_.classes, config_.dim);
    const float* weight =
        tensors_.take("head.weight", {config_.classes, 2 * config_.dim}) + first_column;
    for (size_t n = 0; n < config_.classes; ++n, weight += 2 * config_.dim) {
      for (size_t c = 0; c < config_.dim; ++c) last().weight.row(n)[c] = 2 * weight[c];
    }
    last().bias = bias("head.bias", config_.classes);
    return node;
  }

  VitTensors& tensors_;
  const VitConfig config_;
  const VitOptions& options_;
  Graph graph_;
};

}  // namespace

Graph build_vit(const std::string& path, std::map<std::string, TensorView> by_name,
                const VitOptions& options, VitConfig* deduced) {
  VitTensors tensors(path, std::move(by_name));
  const VitConfig config = deduce_config(tensors, options);
  Graph graph = VitBuilder(tensors, config, options).build();
  tensors.refuse_untaken();
  if (deduced) *deduced = config;
  return graph;
}

Graph build_vit(const Checkpoint& checkpoint, const VitOptions& options, VitConfig* deduced) {
  return build_vit(checkpoint.path, canonical_tensors(checkpoint), options, deduced);
}

}  // namespace vitro::converter
