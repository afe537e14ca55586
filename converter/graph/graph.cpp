// SPDX-License-Identifier: Apache-2.0
#include "converter/graph/graph.h"

namespace vitro::converter {

size_t Graph::classes() const {
  for (const GraphOutput& output : outputs)
    if (output.kind == OutputKind::Logits) return nodes[output.node].cols;
  return 0;
}

std::vector<std::vector<size_t>> readers_of(const Graph& graph) {
  std::vector<std::vector<size_t>> readers(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    for (const size_t input : graph.nodes[i].inputs) readers[input].push_back(i);
  return readers;
}

bool is_output(const Graph& graph, size_t node) {
  for (const GraphOutput& output : graph.outputs)
    if (output.node == node) return true;
  return false;
}

}  // namespace vitro::converter
