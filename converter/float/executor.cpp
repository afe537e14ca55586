// SPDX-License-Identifier: Apache-2.0
// Executes a float graph node by node. Values that are not alive together share buffers.
#include "converter/float/executor.h"

#include <algorithm>

#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

struct FloatExecutor::Impl {
  const Graph& graph;
  std::vector<Execute> nodes;
  std::vector<size_t> buffer_of;  // by node
  std::vector<std::vector<float>> buffers;
  std::vector<float> scratch;

  explicit Impl(const Graph& g) : graph(g) {
    for (const Node& node : graph.nodes) nodes.push_back(type_of(node).execute(graph, node));
    assign_buffers();
  }

  /// The node after which a value is no longer needed; beyond the last one for outputs.
  std::vector<size_t> last_uses() const {
    std::vector<size_t> last(graph.nodes.size());
    for (size_t i = 0; i < last.size(); ++i) {
      last[i] = i;
      for (const size_t input : graph.nodes[i].inputs) last[input] = i;
    }
    for (const GraphOutput& output : graph.outputs) last[output.node] = last.size();
    return last;
  }

  /// First come, first served: a node takes the smallest free buffer that suffices, or else grows
  /// the largest free one.
  void assign_buffers() {
    const std::vector<size_t> last_use = last_uses();
    const size_t count = graph.nodes.size();
    std::vector<size_t> sizes;
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
      for (const size_t input : graph.nodes[i].inputs)
        if (last_use[input] == i) busy[buffer_of[input]] = false;
      if (last_use[i] == i) busy[best] = false;
    }
    for (const size_t size : sizes) buffers.emplace_back(size);
  }

  float* at(size_t node) { return buffers[buffer_of[node]].data(); }

  void execute(size_t i, const uint8_t* pixels) {
    std::vector<const float*> inputs;
    for (const size_t input : graph.nodes[i].inputs) inputs.push_back(at(input));
    nodes[i]({pixels, inputs.data(), at(i), scratch});
  }
};

FloatExecutor::FloatExecutor(const Graph& graph) : impl_(std::make_unique<Impl>(graph)) {}
FloatExecutor::~FloatExecutor() = default;

std::vector<std::vector<float>> FloatExecutor::run(const uint8_t* pixels, const Observer& observe) {
  const Graph& graph = impl_->graph;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    impl_->execute(i, pixels);
    if (observe) observe(i, impl_->at(i));
  }
  std::vector<std::vector<float>> outputs;
  for (const GraphOutput& output : graph.outputs) {
    const Node& node = graph.nodes[output.node];
    const float* value = impl_->at(output.node);
    outputs.emplace_back(value, value + node.rows * node.cols);
  }
  return outputs;
}

}  // namespace vitro::converter
