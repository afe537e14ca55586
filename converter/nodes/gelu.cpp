// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lowering.h"

namespace vitro::converter {

namespace gelu_kind {
namespace {

Execute execute(const Graph&, const Node& node) {
  return [size = node.rows * node.cols](const FloatCall& call) {
    float_ops::gelu(call.inputs[0], size, call.value);
  };
}

// By a table; in place.
Value lower_static(Lowering& l, const FusedNode& f) {
  const Value& x = l.input(f);
  Value v;
  v.scale = StaticScale(l.range(f.node, [&] {
    return search_range(
        l.pictures().size(), [&](size_t p) { return gelu_outputs(x.activations, p, x.scale); },
        false, l.threads());
  }));
  v.unit.assign(f.cols, v.scale.unit);
  const std::vector<int8_t> table = gelu_table(x.scale, v.scale);
  v.activations = run_lookup(x.activations, table, v.scale.zero_point, l.threads());
  schema::LookupT args;
  args.src = args.dst = v.tensor = x.tensor;
  args.table = l.draft.add_constant(table);
  l.row_op(f.name, args);
  return v;
}

constexpr NodeType make() {
  NodeType type;
  type.name = "gelu";
  type.shape = same_shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::ByColumn>;
  type.widen = widen_nothing;  // GELU(0) is 0
  type.reads = takes<Form::Fixed>;
  type.epilogue = {Epilogue::Gelu, Form::Fixed, Epilogue::None, Form::Rows};
  type.lower_static = lower_static;
  return type;
}

}  // namespace
}  // namespace gelu_kind

const NodeType kGeluNode = gelu_kind::make();

}  // namespace vitro::converter
