// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/read_out.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

Linear identity(size_t n) {
  Linear linear{Matrix(n, n), std::vector<float>(n)};
  for (size_t i = 0; i < n; ++i) linear.weight.row(i)[i] = 1;
  return linear;
}

}  // namespace

Graph read_out(Graph graph) {
  const std::vector<std::vector<size_t>> readers = readers_of(graph);
  const std::vector<Node> before = std::move(graph.nodes);
  graph.nodes.clear();
  const auto all_take_floats = [&](size_t i) {
    return std::all_of(readers[i].begin(), readers[i].end(), [&](size_t reader) {
      const Node& node = before[reader];
      for (size_t k = 0; k < node.inputs.size(); ++k)
        if (node.inputs[k] == i && type_of(node).reads(node, k) != Form::Floats) return false;
      return true;
    });
  };
  std::vector<size_t> moved_to;
  std::map<size_t, size_t> read_by;  // the linear that reads an output out, by the output's node
  for (size_t i = 0; i < before.size(); ++i) {
    Node node = before[i];
    for (size_t& input : node.inputs) input = moved_to[input];
    moved_to.push_back(graph.nodes.size());
    graph.nodes.push_back(std::move(node));
    if (!is_output(graph, i) || (type_of(before[i]).is_read_out && all_take_floats(i))) continue;
    read_by[i] =
        add_node(graph, before[i].name + ".read_out", {moved_to[i]}, identity(before[i].cols));
  }
  for (GraphOutput& output : graph.outputs) {
    const auto reader = read_by.find(output.node);
    output.node = reader == read_by.end() ? moved_to[output.node] : reader->second;
  }
  return graph;
}

}  // namespace vitro::converter
