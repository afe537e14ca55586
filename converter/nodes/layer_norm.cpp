// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

Shape shape(const Graph& graph, const Node& node) {
  const auto& norm = node.as<LayerNorm>();
  const Shape shape = same_shape(graph, node);
  if (norm.gamma.size() != norm.beta.size() ||
      (!norm.gamma.empty() && norm.gamma.size() != shape.cols))
    misfit(node, "has constants for another width");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& norm = node.as<LayerNorm>();
    const bool affine = !norm.gamma.empty();
    float_ops::layer_norm(call.inputs[0], node.rows, node.cols,
                          affine ? norm.gamma.data() : nullptr, affine ? norm.beta.data() : nullptr,
                          norm.epsilon, call.value);
  };
}

std::optional<Affine> take_gamma_and_beta(const Graph&, Node& node) {
  auto& norm = node.as<LayerNorm>();
  if (norm.gamma.empty()) return std::nullopt;
  Affine affine{{norm.gamma.begin(), norm.gamma.end()}, {norm.beta.begin(), norm.beta.end()}};
  norm.gamma = {};
  norm.beta = {};
  return affine;
}

Basis basis(const Node& node) {
  return node.as<LayerNorm>().gamma.empty() ? Basis::KeepsOnes : Basis::ByColumn;
}

// Zero columns of rows without a mean change the variance by a known factor.
void widen(Node& node, size_t before, size_t wider) {
  auto& norm = node.as<LayerNorm>();
  const double ratio = static_cast<double>(before) / static_cast<double>(wider);
  norm.epsilon = static_cast<float>(norm.epsilon * ratio);
  for (float& gamma : norm.gamma)
    gamma = static_cast<float>(static_cast<double>(gamma) * std::sqrt(ratio));
  if (norm.gamma.empty()) return;
  norm.gamma.resize(wider);
  norm.beta.resize(wider);
}

constexpr NodeType make() {
  NodeType type;
  type.name = "layer_norm";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.affine.take = take_gamma_and_beta;
  type.basis = basis;
  type.widen = widen;
  type.sees_mean = true;
  return type;
}

}  // namespace

const NodeType kLayerNormNode = make();

}  // namespace vitro::converter
