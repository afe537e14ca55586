// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace mean_rows_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  if (node.as<MeanRows>().first_row >= x.rows) misfit(node, "takes the mean of no rows");
  return {1, x.cols, std::nullopt};
}

Execute execute(const Graph& graph, const Node& node) {
  return [&node, rows = input_of(graph, node, 0).rows](const FloatCall& call) {
    float_ops::mean_rows(call.inputs[0], rows, node.cols, node.as<MeanRows>().first_row,
                         call.value);
  };
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  const size_t first = l.node(f).as<MeanRows>().first_row, rows = x.activations.rows - first;
  schema::MeanRowsT args;
  args.src = first ? l.draft.add_view(f.name + ".rows", x.tensor, first, rows) : x.tensor;
  args.reciprocal = 1.0f / static_cast<float>(rows);
  Value v;
  v.unit = x.unit;
  v.activations = run_mean_rows(x.activations, first, args.reciprocal);
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "mean_rows";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.affine.input = AffineInput::Passes;
  type.basis = always<Basis::Same>;
  type.scale_value = scale_nothing;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::OfInput;
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace mean_rows_kind

const NodeType kMeanRowsNode = mean_rows_kind::make();

}  // namespace vitro::converter
