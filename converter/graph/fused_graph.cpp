// SPDX-License-Identifier: Apache-2.0
#include "converter/graph/fused_graph.h"

namespace vitro::converter {

std::vector<bool> with_static_range(const Graph& graph, const FusedGraph& fused) {
  std::vector<bool> ranges(graph.nodes.size());
  for (const FusedNode& f : fused.nodes)
    if (f.is_static && f.form == Form::Rows) ranges[f.node] = true;
  return ranges;
}

}  // namespace vitro::converter
