// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lookup.h"

namespace vitro::converter {

namespace silu_kind {
namespace {

Execute execute(const Graph&, const Node& node) {
  return [size = node.rows * node.cols](const FloatCall& call) {
    float_ops::silu(call.inputs[0], size, call.value);
  };
}

ElementFunction function(const Node&) { return exact_silu; }

Value lower_static(Lowering& l, const FusedNode& f) {
  return lower_lookup(l, f, function(l.node(f)));
}

constexpr NodeType make() {
  NodeType type;
  type.name = "silu";
  type.shape = same_shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.function = function;
  type.basis = always<Basis::ByColumn>;
  type.widen = widen_nothing;  // SiLU(0) is 0
  type.reads = takes<Form::Fixed>;
  type.epilogue = {Epilogue::Silu, Form::Fixed, Epilogue::None, Form::Rows};
  type.lower_static = lower_static;
  return type;
}

}  // namespace
}  // namespace silu_kind

const NodeType kSiluNode = silu_kind::make();

}  // namespace vitro::converter
