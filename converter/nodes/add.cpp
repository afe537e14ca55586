// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/columns.h"

namespace vitro::converter {

namespace add_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  input_of(graph, node, 1);
  return same_shape(graph, node);
}

Execute execute(const Graph&, const Node& node) {
  return [size = node.rows * node.cols](const FloatCall& call) {
    float_ops::add(call.inputs[0], call.inputs[1], size, call.value);
  };
}

// Two int16 values: a linear layer would have added its outputs itself.
Value lower(Lowering& l, const FusedNode& f) {
  return lower_affine(l, f, 1, 0, {std::vector<float>(f.cols, 1), std::vector<float>(f.cols, 0)});
}

// int8 outputs of a linear layer, added to int16.
Value lower_static(Lowering& l, const FusedNode& f) {
  const Value &addend = l.input(f, 0), &branch = l.input(f, 1);
  Value v;
  v.unit = {l.unit(f)};
  schema::StaticAddT args;
  args.src = branch.tensor;
  args.addend = l.leading(addend.tensor, f.rows);
  args.scale = static_add_scale(branch.scale, l.unit(f));
  args.dst = v.tensor = f.in_place ? args.addend : l.destination(f, f.name);
  v.activations = l.take_activations(f, 0);
  run_static_add(branch.activations, args.scale, v.activations, l.threads());
  l.draft.add_op(f.name, args, {args.src, args.addend}, {args.dst});
  l.tap(f, l.source(f, 1).name, v);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "add";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::Same>;
  type.scale_value = scale_nothing;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::Stream;
  type.epilogue = {Epilogue::Add, Form::Fixed, Epilogue::None, Form::Fixed};
  type.is_sum = true;
  type.lower = lower;
  type.lower_static = lower_static;
  return type;
}

}  // namespace
}  // namespace add_kind

const NodeType kAddNode = add_kind::make();

}  // namespace vitro::converter
