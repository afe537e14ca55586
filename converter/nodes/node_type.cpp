// SPDX-License-Identifier: Apache-2.0
#include "converter/nodes/node_type.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace vitro::converter {

#define VITRO_OPERATION(Type, file) \
  const NodeType& node_type(const Type&) { return k##Type##Node; }
#include "converter/graph/operations.def"
#undef VITRO_OPERATION

namespace {

void settle_shape(const Graph& graph, Node& node) {
  const Shape shape = type_of(node).shape(graph, node);
  node.rows = shape.rows;
  node.cols = shape.cols;
  node.grid = shape.grid;
}

}  // namespace

const NodeType& type_of(const Node& node) { return node.operation.type(); }

size_t add_node(Graph& graph, std::string name, std::vector<size_t> inputs, Operation operation) {
  Node node;
  node.name = std::move(name);
  node.inputs = std::move(inputs);
  node.operation = std::move(operation);
  for (const size_t input : node.inputs)
    if (input >= graph.nodes.size()) misfit(node, "reads a node that is not there");
  settle_shape(graph, node);
  graph.nodes.push_back(std::move(node));
  return graph.nodes.size() - 1;
}

void settle_shapes(Graph& graph) {
  for (Node& node : graph.nodes) settle_shape(graph, node);
}

const Node& input_of(const Graph& graph, const Node& node, size_t input) {
  if (input >= node.inputs.size()) misfit(node, "lacks an input");
  return graph.nodes[node.inputs[input]];
}

size_t same_rows(const Graph&, const Node&, size_t, size_t rows) { return rows; }

size_t all_rows(const Graph& graph, const Node& node, size_t input, size_t) {
  return input_of(graph, node, input).rows;
}

Shape same_shape(const Graph& graph, const Node& node) {
  const Node& first = input_of(graph, node, 0);
  for (size_t i = 1; i < node.inputs.size(); ++i) {
    const Node& other = input_of(graph, node, i);
    if (other.rows != first.rows || other.cols != first.cols)
      misfit(node, "reads values of different shapes");
  }
  return {first.rows, first.cols, first.grid};
}

void widen_nothing(Node&, size_t, size_t) {}

void scale_nothing(Node&, const std::vector<double>&) {}

void scale_columns(std::vector<float>& values, const std::vector<double>& factors) {
  for (size_t c = 0; c < values.size(); ++c)
    values[c] = static_cast<float>(static_cast<double>(values[c]) * factors[c]);
}

void scale_constants(Node& node, const std::vector<double>& factors) {
  const ColumnConstants constants = type_of(node).constants(node);
  if (constants.bias) scale_columns(*constants.bias, factors);
  if (Matrix* const weight = constants.weight)
    for (size_t n = 0; n < weight->rows; ++n)
      for (size_t k = 0; k < weight->cols; ++k)
        weight->row(n)[k] = static_cast<float>(static_cast<double>(weight->row(n)[k]) * factors[n]);
  for (Matrix* const rows : constants.rows)
    for (size_t r = 0; r < rows->rows; ++r)
      for (size_t c = 0; c < rows->cols; ++c)
        rows->row(r)[c] = static_cast<float>(static_cast<double>(rows->row(r)[c]) * factors[c]);
}

void misfit(const Node& node, const std::string& fault) {
  throw std::logic_error(std::string(type_of(node).name) + " node " + node.name + " " + fault);
}

}  // namespace vitro::converter
