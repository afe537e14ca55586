// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace average_kind {
namespace {

Shape shape(const Graph& graph, const Node& node) {
  input_of(graph, node, 1);
  return same_shape(graph, node);
}

Execute execute(const Graph&, const Node& node) {
  return [size = node.rows * node.cols](const FloatCall& call) {
    float_ops::average(call.inputs[0], call.inputs[1], size, call.value);
  };
}

constexpr NodeType make() {
  NodeType type;
  type.name = "average";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::Same>;
  type.scale_value = scale_nothing;
  type.widen = widen_nothing;
  type.is_read_out = true;  // the linears that it reads add up in the output
  type.reads = takes<Form::Floats>;
  type.epilogue = {Epilogue::Average, Form::Floats, Epilogue::Half, std::nullopt};
  return type;
}

}  // namespace
}  // namespace average_kind

const NodeType kAverageNode = average_kind::make();

}  // namespace vitro::converter
