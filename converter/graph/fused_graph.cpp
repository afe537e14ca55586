// SPDX-License-Identifier: Apache-2.0
#include "converter/graph/fused_graph.h"

namespace vitro::converter {

std::vector<bool> with_static_range(const Graph& graph, const FusedGraph& fused) {
  std::vector<bool> read_by_attention(fused.nodes.size()), ranges(graph.nodes.size());
  for (const FusedNode& f : fused.nodes)
    if (!f.is_conversion && graph.nodes[f.node].is<Attention>())
      for (const size_t input : f.inputs) read_by_attention[input] = true;
  for (size_t i = 0; i < fused.nodes.size(); ++i) {
    const FusedNode& f = fused.nodes[i];
    if (f.is_static && f.format == schema::Format::S8 && !read_by_attention[i])
      ranges[f.node] = true;
  }
  return ranges;
}

}  // namespace vitro::converter
