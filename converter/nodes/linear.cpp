// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <utility>

#include "converter/matrix/product.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  const auto& linear = node.as<Linear>();
  if (linear.weight.cols != x.cols) misfit(node, "has weights for another width of its input");
  if (linear.bias.size() != linear.weight.rows) misfit(node, "lacks a bias for each output");
  return {x.rows, linear.weight.rows, x.grid};
}

Execute execute(const Graph&, const Node& node) {
  const auto& linear = node.as<Linear>();
  const size_t k = linear.weight.cols, n = linear.weight.rows;
  // std::function wants what can be copied.
  auto product =
      std::make_shared<const Product>(k, n, k, n, linear.weight.data.data(), linear.bias.data());
  return [product = std::move(product), rows = node.rows](const FloatCall& call) {
    product->run(rows, call.inputs[0], call.value);
  };
}

// It reads x * scale + shift, and then x.
void absorb(Node& node, const Affine& affine) {
  auto& linear = node.as<Linear>();
  for (size_t n = 0; n < linear.weight.rows; ++n) {
    float* row = linear.weight.row(n);
    double bias = linear.bias[n];
    for (size_t k = 0; k < linear.weight.cols; ++k) {
      bias += static_cast<double>(row[k]) * affine.shift[k];
      row[k] = static_cast<float>(row[k] * affine.scale[k]);
    }
    linear.bias[n] = static_cast<float>(bias);
  }
}

ColumnConstants constants(Node& node) {
  auto& linear = node.as<Linear>();
  return {&linear.weight, &linear.bias, {}};
}

constexpr NodeType make() {
  NodeType type;
  type.name = "linear";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.affine.input = AffineInput::Absorbs;
  type.affine.absorb = absorb;
  type.basis = always<Basis::Free>;
  type.constants = constants;
  type.widen = widen_nothing;
  type.is_read_out = true;
  return type;
}

}  // namespace

const NodeType kLinearNode = make();

}  // namespace vitro::converter
