// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace pick_rows_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node &x = input_of(graph, node, 0), &index = input_of(graph, node, 1);
  const size_t leading = node.as<PickRows>().leading;
  if (leading > x.rows || index.cols != 1) misfit(node, "picks rows that its input has not");
  return {leading + index.rows, x.cols, std::nullopt};
}

/// Of x the row that is row r of the value.
size_t row_of(size_t r, size_t leading, const float* index, size_t rows) {
  return r < leading ? r : law::row_of(index[r - leading], rows);
}

Execute execute(const Graph& graph, const Node& node) {
  return [&node, rows = input_of(graph, node, 0).rows](const FloatCall& call) {
    for (size_t r = 0; r < node.rows; ++r)
      std::copy_n(
          call.inputs[0] + row_of(r, node.as<PickRows>().leading, call.inputs[1], rows) * node.cols,
          node.cols, call.value + r * node.cols);
  };
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value &x = l.input(f, 0), &index = l.input(f, 1);
  const size_t leading = l.node(f).as<PickRows>().leading;
  Value v;
  v.unit = x.unit;
  v.activations = Activations(f.format, f.rows, f.cols, 1, l.pictures().size());
  for (size_t i = 0; i < v.activations.pictures.size(); ++i)
    for (size_t r = 0; r < f.rows; ++r)
      std::copy_n(
          x.activations.at<int16_t>(i) +
              row_of(r, leading, index.activations.at<float>(i), x.activations.rows) * f.cols,
          f.cols, v.activations.at<int16_t>(i) + r * f.cols);
  schema::PickRowsT args;
  args.src = x.tensor, args.index = index.tensor;
  args.leading = static_cast<uint32_t>(leading);
  args.dst = v.tensor = l.destination(f, f.name);
  l.draft.add_op(f.name, args, {args.src, args.index}, {args.dst});
  return v;
}

Form reads(const Node&, size_t input) { return input == 0 ? Form::Fixed : Form::Floats; }

constexpr NodeType make() {
  NodeType type;
  type.name = "pick_rows";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = always<Basis::Same>;
  type.scale_value = scale_nothing;
  type.widen = widen_nothing;
  type.reads = reads;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::OfInput;
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace pick_rows_kind

const NodeType kPickRowsNode = pick_rows_kind::make();

}  // namespace vitro::converter
