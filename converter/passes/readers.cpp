// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/readers.h"

#include <algorithm>

#include "converter/graph/fused_graph.h"
#include "converter/nodes/node_type.h"

namespace vitro::converter {

Readers::Readers(const Graph& graph)
    : of_(graph.nodes.size()), is_output_(graph.nodes.size()), rows_(graph.nodes.size()) {
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    for (size_t k = 0; k < graph.nodes[i].inputs.size(); ++k)
      of_[graph.nodes[i].inputs[k]].push_back({i, k});
  for (const GraphOutput& output : graph.outputs) {
    is_output_[output.node] = true;
    rows_[output.node] = graph.nodes[output.node].rows;
  }
  for (size_t i = graph.nodes.size(); i-- > 0;) {
    const Node& node = graph.nodes[i];
    if (rows_[i] == 0) continue;
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      size_t& rows = rows_[node.inputs[k]];
      rows = std::max(rows, type_of(node).rows_read(graph, node, k, rows_[i]));
    }
  }
}

size_t Readers::only(size_t node) const {
  return of_[node].size() == 1 && !is_output_[node] ? of_[node][0].node : kNone;
}

}  // namespace vitro::converter
