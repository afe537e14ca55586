// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "converter/matrix/float_ops.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

Shape shape(const Graph& graph, const Node& node) {
  const Node& x = input_of(graph, node, 0);
  const auto& tokens = node.as<Tokens>();
  if (tokens.positions.rows != x.rows || tokens.positions.cols != x.cols ||
      (tokens.prefix.rows > 0 && tokens.prefix.cols != x.cols))
    misfit(node, "has constants for another input");
  std::optional<Grid> grid = x.grid;
  if (grid) grid->first_row += tokens.prefix.rows;
  return {tokens.prefix.rows + x.rows, x.cols, grid};
}

Execute execute(const Graph&, const Node& node) {
  return [&tokens = node.as<Tokens>()](const FloatCall& call) {
    const Matrix &prefix = tokens.prefix, &positions = tokens.positions;
    float* patches = std::copy(prefix.data.begin(), prefix.data.end(), call.value);
    float_ops::add(call.inputs[0], positions.data.data(), positions.data.size(), patches);
  };
}

ColumnConstants constants(Node& node) {
  auto& tokens = node.as<Tokens>();
  return {nullptr, nullptr, {&tokens.prefix, &tokens.positions}};
}

constexpr NodeType make() {
  NodeType type;
  type.name = "tokens";
  type.shape = shape;
  type.execute = execute;
  type.rows_read = all_rows;
  type.basis = always<Basis::Same>;
  type.constants = constants;
  type.widen = widen_nothing;
  return type;
}

}  // namespace

const NodeType kTokensNode = make();

}  // namespace vitro::converter
