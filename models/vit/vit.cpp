// Builds the float graph of a ViT or DeiT.
#include "models/vit/vit.h"

#include <cmath>
#include <utility>

#include "models/vit/config.h"

namespace vitro {
namespace {

class VitBuilder {
 public:
  VitBuilder(VitTensors& tensors, const VitConfig& config, float epsilon) : tensors_(tensors), config_(config), epsilon_(epsilon) {}

  Graph build() {
    graph_.patch = config_.patch;
    graph_.residual_dim = config_.dim;
    const size_t image_size = config_.grid * config_.patch;
    graph_.preprocessing.image_size = image_size;
    // Photos are resized to a little more than the crop, as by timm and DeiT; tiny pictures (CIFAR) are taken whole.
    graph_.preprocessing.resize_width = graph_.preprocessing.resize_height = image_size < 64 ? image_size : (image_size * 256 + 112) / 224;
    int stream = tokens();
    for (size_t b = 0; b < config_.depth; ++b) stream = block("blocks." + std::to_string(b), stream);
    classify(stream);
    return std::move(graph_);
  }

 private:
  int add(NodeKind kind, const std::string& name, std::vector<int> inputs, size_t rows, size_t cols) {
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

  int linear(const std::string& name, int input, size_t cols, bool has_bias = true) {
    const size_t k = cols_of(input);
    const int node = add(NodeKind::Linear, name, {input}, rows_of(input), cols);
    last().weight = Matrix(cols, k);
    const float* weight = tensors_.take(name + ".weight", {cols, k});
    last().weight.data.assign(weight, weight + cols * k);
    last().bias = has_bias ? vector(name + ".bias", cols) : std::vector<float>(cols);
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
    last().beta = vector(tensor + ".bias", config_.dim);
    last().epsilon = epsilon_;
    return node;
  }

  int tokens() {
    const size_t dim = config_.dim, patch = config_.patch, patches = config_.grid * config_.grid, prefix = config_.prefix;
    const int pixels = add(NodeKind::PatchRows, "pixels", {}, patches, patch * patch * 3);
    const int embedded = add(NodeKind::Linear, "patch_embed", {pixels}, patches, dim);
    last().weight = Matrix(dim, patch * patch * 3);
    last().bias = vector("patch_embed.proj.bias", dim);
    const float* convolution = tensors_.take("patch_embed.proj.weight", {dim, 3, patch, patch});
    for (size_t n = 0; n < dim; ++n) {
      for (size_t channel = 0; channel < 3; ++channel) {
        for (size_t yx = 0; yx < patch * patch; ++yx) last().weight.row(n)[yx * 3 + channel] = *convolution++;
      }
    }

    const int node = add(NodeKind::Tokens, "tokens", {embedded}, prefix + patches, dim);
    last().prefix = Matrix(prefix, dim);
    last().positions = Matrix(patches, dim);
    const float* position = tensors_.take("pos_embed", {1, patches + (config_.prefix_positions ? prefix : 0), dim});
    for (size_t row = 0; row < prefix; ++row) {
      const float* token = tensors_.take(row == 0 ? "cls_token" : "dist_token", {1, 1, dim});
      for (size_t c = 0; c < dim; ++c) last().prefix.row(row)[c] = config_.prefix_positions ? token[c] + *position++ : token[c];
    }
    last().positions.data.assign(position, position + patches * dim);
    return node;
  }

  int block(const std::string& name, int stream) {
    const size_t rows = rows_of(stream), dim = config_.dim;
    const int norm1 = layer_norm(name + ".norm1", name + ".norm1", stream);
    const int q = linear(name + ".attn.q", norm1, dim, config_.qkv_bias);
    const int k = linear(name + ".attn.k", norm1, dim, config_.qkv_bias);
    const int v = linear(name + ".attn.v", norm1, dim, config_.qkv_bias);
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
    last().first_row = config_.prefix;
    return node;
  }

  /// LayerNorm works row by row, so that only the rows that a head reads need it.
  int normed_row(const std::string& name, const std::string& norm, size_t row, int stream) {
    const int selected = add(NodeKind::SelectRow, name, {stream}, 1, config_.dim);
    last().first_row = row;
    return layer_norm(norm, "norm", selected);
  }

  void classify(int stream) {
    if (config_.pool == VitPool::MeanThenNorm) {
      linear("head", layer_norm("norm", "fc_norm", pooled_mean(stream)), config_.classes);
    } else if (config_.pool == VitPool::NormThenMean) {
      linear("head", pooled_mean(layer_norm("norm", "norm", stream)), config_.classes);
    } else {
      const int head = linear("head", normed_row("cls", "norm", 0, stream), config_.classes);
      if (!config_.distillation_head) return;
      const int head_dist = linear("head_dist", normed_row("dist", "norm_dist", 1, stream), config_.classes);
      add(NodeKind::Average, "logits", {head, head_dist}, 1, config_.classes);
    }
  }

  VitTensors& tensors_;
  const VitConfig config_;
  const float epsilon_;
  Graph graph_;
};

}  // namespace

Graph build_vit(const Checkpoint& checkpoint, const VitOptions& options) {
  VitTensors tensors(checkpoint);
  const VitConfig config = deduce_config(tensors, options);
  Graph graph = VitBuilder(tensors, config, options.epsilon).build();
  tensors.refuse_untaken();
  return graph;
}

}  // namespace vitro
