// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"
#include "converter/quantise/lookup.h"

namespace vitro::converter {

namespace gelu_kind {
namespace {

Execute execute(const Graph&, const Node& node) {
  const auto gelu = node.as<Gelu>().by_tanh ? float_ops::gelu_by_tanh : float_ops::gelu;
  return [gelu, size = node.rows * node.cols](const FloatCall& call) {
    gelu(call.inputs[0], size, call.value);
  };
}

ElementFunction function(const Node& node) {
  return node.as<Gelu>().by_tanh ? exact_gelu_by_tanh : exact_gelu;
}

Value lower_static(Lowering& l, const FusedNode& f) {
  return lower_lookup(l, f, function(l.node(f)));
}

constexpr NodeType make() {
  NodeType type;
  type.name = "gelu";
  type.shape = same_shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.function = function;
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
