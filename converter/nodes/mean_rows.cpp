// SPDX-License-Identifier: Apache-2.0
#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

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

constexpr NodeType make() {
  NodeType type;
  type.name = "mean_rows";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.affine.input = AffineInput::Passes;
  type.basis = always<Basis::Same>;
  type.widen = widen_nothing;
  return type;
}

}  // namespace

const NodeType kMeanRowsNode = make();

}  // namespace vitro::converter
