// SPDX-License-Identifier: Apache-2.0
#include "converter/nodes/node_type.h"
#include "converter/quantise/columns.h"

namespace vitro::converter {

namespace column_affine_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const auto& affine = node.as<ColumnAffine>();
  const Shape shape = same_shape(graph, node);
  if (affine.scale.size() != shape.cols || affine.shift.size() != shape.cols)
    misfit(node, "has constants for another width");
  return shape;
}

Execute execute(const Graph&, const Node& node) {
  return [&node](const FloatCall& call) {
    const auto& affine = node.as<ColumnAffine>();
    for (size_t i = 0; i < node.rows * node.cols; ++i)
      call.value[i] = call.inputs[0][i] * affine.scale[i % node.cols] + affine.shift[i % node.cols];
  };
}

// It reads x * scale + shift, and then x.
void absorb(Node& node, const Affine& affine) {
  auto& own = node.as<ColumnAffine>();
  for (size_t c = 0; c < own.scale.size(); ++c) {
    const double scale = own.scale[c];
    own.shift[c] = static_cast<float>(static_cast<double>(own.shift[c]) + scale * affine.shift[c]);
    own.scale[c] = static_cast<float>(scale * affine.scale[c]);
  }
}

void scale_value(Node& node, const std::vector<double>& factors) {
  auto& affine = node.as<ColumnAffine>();
  scale_columns(affine.scale, factors);
  scale_columns(affine.shift, factors);
}

Value lower(Lowering& l, const FusedNode& f) {
  const auto& affine = l.node(f).as<ColumnAffine>();
  return lower_affine(l, f, 0, std::nullopt, {affine.scale, affine.shift});
}

constexpr NodeType make() {
  NodeType type;
  type.name = "column_affine";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.affine.input = AffineInput::Absorbs;
  type.affine.absorb = absorb;
  type.basis = always<Basis::Fixed>;
  type.scale_value = scale_value;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::Stream;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace column_affine_kind

const NodeType kColumnAffineNode = column_affine_kind::make();

}  // namespace vitro::converter
