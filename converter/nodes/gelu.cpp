// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

Execute execute(const Graph&, const Node& node) {
  return [size = node.rows * node.cols](const FloatCall& call) {
    float_ops::gelu(call.inputs[0], size, call.value);
  };
}

constexpr NodeType make() {
  NodeType type;
  type.name = "gelu";
  type.shape = same_shape;
  type.execute = execute;
  type.rows_read = same_rows;
  type.basis = always<Basis::ByColumn>;
  type.widen = widen_nothing;  // GELU(0) is 0
  return type;
}

}  // namespace

const NodeType kGeluNode = make();

}  // namespace vitro::converter
