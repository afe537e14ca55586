// SPDX-License-Identifier: Apache-2.0
// Executes a float graph node by node; every product of matrices is a Product.
#include "converter/float/executor.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "converter/float/ops.h"
#include "converter/matrix/product.h"

namespace vitro::converter {
namespace {

constexpr size_t kQueryRows = 128;  // scores of this many queries at a time stay in the cache

}  // namespace

struct FloatExecutor::Impl {
  const Graph& graph;
  std::vector<std::optional<Product>> products;  // by node, none unless it is a Linear
  std::vector<size_t> buffer_of;                 // by node
  std::vector<std::vector<float>>
      buffers;  // shared by nodes that are not alive together, and padded for Product
  std::vector<float> scores, key, value;  // of one head

  explicit Impl(const Graph& g) : graph(g), products(g.nodes.size()) {
    for (size_t i = 0; i < graph.nodes.size(); ++i) {
      const Node& node = graph.nodes[i];
      if (node.kind != NodeKind::Linear) continue;
      const size_t k = node.weight.cols;
      products[i].emplace(k, node.cols, k, node.cols, node.weight.data.data(), node.bias.data());
    }
    assign_buffers();
  }

  /// First come, first served: a node takes the smallest free buffer that suffices, or else grows
  /// the largest free one.
  void assign_buffers() {
    const size_t count = graph.nodes.size();
    std::vector<size_t> last_use(count), sizes;
    for (size_t i = 0; i < count; ++i) {
      last_use[i] = i;
      for (const int input : graph.nodes[i].inputs) last_use[input] = i;
    }
    last_use[count - 1] = count;
    std::vector<bool> busy;
    buffer_of.resize(count);
    for (size_t i = 0; i < count; ++i) {
      const size_t need = graph.nodes[i].rows * graph.nodes[i].cols + Product::kPadding;
      size_t best = sizes.size();
      for (size_t b = 0; b < sizes.size(); ++b) {
        if (busy[b]) continue;
        if (best == sizes.size() ||
            (sizes[best] < need ? sizes[b] > sizes[best]
                                : sizes[b] >= need && sizes[b] < sizes[best]))
          best = b;
      }
      if (best == sizes.size()) {
        sizes.push_back(0);
        busy.push_back(false);
      }
      sizes[best] = std::max(sizes[best], need);
      busy[best] = true;
      buffer_of[i] = best;
      // Freed after this node took its own: no operation works in place.
      for (const int input : graph.nodes[i].inputs) {
        if (last_use[input] == i) busy[buffer_of[input]] = false;
      }
      if (last_use[i] == i) busy[best] = false;
    }
    for (const size_t size : sizes) buffers.emplace_back(size);
  }

  float* at(size_t node) { return buffers[buffer_of[node]].data(); }

  void attention(const Node& node, const float* q, const float* k, const float* v, float* y) {
    const size_t rows = node.rows, width = node.cols, head = width / node.heads;
    scores.resize(std::min(rows, kQueryRows) * rows + Product::kPadding);
    key.resize(rows * head);
    value.resize(rows * head);
    for (size_t h = 0; h < node.heads; ++h) {
      for (size_t r = 0; r < rows; ++r) {
        std::memcpy(&key[r * head], k + r * width + h * head, head * sizeof(float));
        std::memcpy(&value[r * head], v + r * width + h * head, head * sizeof(float));
      }
      const Product compare(head, rows, width, rows, key.data(), nullptr);
      const Product gather(rows, head, rows, width, value.data(), nullptr, /*transposed=*/true);
      for (size_t r = 0; r < rows; r += kQueryRows) {
        const size_t chunk = std::min(kQueryRows, rows - r);
        compare.run(chunk, q + r * width + h * head, scores.data());
        float_ops::softmax(scores.data(), chunk, rows, node.scale);
        gather.run(chunk, scores.data(), y + r * width + h * head);
      }
    }
  }

  void execute(size_t index, const uint8_t* pixels) {
    const Node& node = graph.nodes[index];
    const float* in[3] = {};
    for (size_t i = 0; i < node.inputs.size(); ++i) in[i] = at(node.inputs[i]);
    float* y = at(index);
    const size_t size = node.rows * node.cols;
    switch (node.kind) {
      case NodeKind::PatchRows:
        return float_ops::patch_rows(pixels, graph.patch, graph.preprocessing, graph.folded,
                                     node.cols, y);
      case NodeKind::Linear: return products[index]->run(node.rows, in[0], y);
      case NodeKind::Tokens: return float_ops::tokens(in[0], node.prefix, node.positions, y);
      case NodeKind::LayerNorm: {
        const bool affine = !node.gamma.empty();
        return float_ops::layer_norm(in[0], node.rows, node.cols,
                                     affine ? node.gamma.data() : nullptr,
                                     affine ? node.beta.data() : nullptr, node.epsilon, y);
      }
      case NodeKind::Attention: return attention(node, in[0], in[1], in[2], y);
      case NodeKind::Gelu: return float_ops::gelu(in[0], size, y);
      case NodeKind::Add: return float_ops::add(in[0], in[1], size, y);
      case NodeKind::SelectRow:
        std::copy_n(in[0] + node.first_row * node.cols, node.cols, y);
        return;
      case NodeKind::MeanRows:
        return float_ops::mean_rows(in[0], graph.nodes[node.inputs[0]].rows, node.cols,
                                    node.first_row, y);
      case NodeKind::Average: return float_ops::average(in[0], in[1], size, y);
    }
  }
};

FloatExecutor::FloatExecutor(const Graph& graph) : impl_(std::make_unique<Impl>(graph)) {}
FloatExecutor::~FloatExecutor() = default;

std::vector<float> FloatExecutor::run(const uint8_t* pixels, const Observer& observe) {
  const size_t count = impl_->graph.nodes.size();
  for (size_t i = 0; i < count; ++i) {
    impl_->execute(i, pixels);
    if (observe) observe(i, impl_->at(i));
  }
  const float* logits = impl_->at(count - 1);
  return {logits, logits + impl_->graph.logits().cols};
}

}  // namespace vitro::converter
