// SPDX-License-Identifier: Apache-2.0
#include "converter/base/parallel.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"
#include "converter/quantise/units.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace multiply_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  input_of(graph, node, 1);
  return same_shape(graph, node);
}

Execute execute(const Graph&, const Node& node) {
  return [size = node.rows * node.cols](const FloatCall& call) {
    for (size_t i = 0; i < size; ++i) call.value[i] = call.inputs[0][i] * call.inputs[1][i];
  };
}

Activations run(const Activations& a, const Activations& b, float scale, size_t threads) {
  Activations out(schema::Format::S16, a.rows, a.cols, 1, a.pictures.size());
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    for (size_t at = 0; at < a.rows * a.cols; ++at)
      out.at<int16_t>(i)[at] = law::multiply(a.at<int16_t>(i)[at], b.at<int16_t>(i)[at], scale);
  });
  return out;
}

Value lower(Lowering& l, const FusedNode& f) {
  const Value &a = l.input(f, 0), &b = l.input(f, 1);
  schema::MultiplyT args;
  args.a = l.leading(a.tensor, f.rows);
  args.b = l.leading(b.tensor, f.rows);
  args.scale = channel_value(f.name, static_cast<double>(l.only_unit(f, 0)) *
                                         static_cast<double>(l.only_unit(f, 1)) /
                                         static_cast<double>(l.unit(f)));
  Value v;
  v.unit = {l.unit(f)};
  v.activations = run(a.activations, b.activations, args.scale, l.threads());
  args.dst = v.tensor = l.destination(f, f.name);
  l.draft.add_op(f.name, args, {args.a, args.b}, {args.dst});
  l.tap(f, f.name, v);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "multiply";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::ByColumn>;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::Stream;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace multiply_kind

const NodeType kMultiplyNode = multiply_kind::make();

}  // namespace vitro::converter
