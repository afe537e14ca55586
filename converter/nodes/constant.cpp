// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace constant_kind {
namespace {

Shape shape(const Graph&, const Node& node) {
  if (!node.inputs.empty()) misfit(node, "has inputs");
  const Matrix& rows = node.as<Constant>().rows;
  return {rows.rows, rows.cols, std::nullopt};
}

Execute execute(const Graph&, const Node& node) {
  return [&rows = node.as<Constant>().rows](const FloatCall& call) {
    std::copy(rows.data.begin(), rows.data.end(), call.value);
  };
}

ColumnConstants constants(Node& node) { return {nullptr, nullptr, {&node.as<Constant>().rows}}; }

Value lower(Lowering& l, const FusedNode& f) {
  const Matrix& rows = l.node(f).as<Constant>().rows;
  const std::vector<int16_t> fixed = to_fixed(rows.data, l.unit(f));
  Value v;
  v.unit = {l.unit(f)};
  v.activations = Activations(schema::Format::S16, rows.rows, rows.cols, 1, l.pictures().size());
  for (auto& picture : v.activations.pictures)
    std::copy(fixed.begin(), fixed.end(), reinterpret_cast<int16_t*>(picture.data()));
  schema::CopyT args;
  args.src = l.draft.add_constant_tensor(f.name + ".rows", schema::Format::S16, rows.rows,
                                         rows.cols, fixed.data());
  args.dst = v.tensor = l.destination(f, f.name);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "constant";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = always<Basis::Same>;
  type.constants = constants;
  type.scale_value = scale_constants;
  type.widen = widen_nothing;
  type.reads = takes<Form::Fixed>;
  type.writes = bit(Form::Fixed);
  type.unit = UnitRule::Stream;
  type.step = StepRule::Begins;
  type.lower = lower;
  return type;
}

}  // namespace
}  // namespace constant_kind

const NodeType kConstantNode = constant_kind::make();

}  // namespace vitro::converter
