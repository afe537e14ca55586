// SPDX-License-Identifier: Apache-2.0
#include "converter/nodes/node_type.h"
#include "converter/quantise/columns.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace transpose_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  return {x.cols, x.rows + node.as<Transpose>().zeros, std::nullopt};
}

Execute execute(const Graph& graph, const Node& node) {
  return [&node, rows = input_of(graph, node, 0).rows](const FloatCall& call) {
    for (size_t r = 0; r < node.rows; ++r)
      for (size_t c = 0; c < node.cols; ++c)
        call.value[r * node.cols + c] = c < rows ? call.inputs[0][c * node.rows + r] : 0;
  };
}

void widen(Node& node, size_t before, size_t wider) {
  node.as<Transpose>().zeros += wider - before;
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  schema::TransposeT args;
  args.src = x.tensor;
  Value v;
  v.unit = {l.only_unit(f)};
  v.activations = run_transpose(x.activations, f.cols, l.threads());
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "transpose";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = always<Basis::Fixed>;
  type.widen = widen;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::OfInput;
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace transpose_kind

const NodeType kTransposeNode = transpose_kind::make();

}  // namespace vitro::converter
