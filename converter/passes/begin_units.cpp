// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/begin_units.h"

#include <algorithm>

#include "converter/nodes/node_type.h"
#include "converter/passes/fused_memory.h"
#include "converter/passes/neighbours.h"

namespace vitro::converter {

namespace {

// Between the largest magnitudes of the values of one unit. It leaves the smallest one 32767 / 1.5
// / 8 = 2730 units to either side, 3 bits more than the int8 rows that are made of it.
constexpr float kLargestRatio = 8;

// Largest magnitudes of the values of one unit.
struct Span {
  float least = 0, most = 0;
};

// Which part of the sum is in its unit, as fuse has it: what the operation of the other one adds
// to, else the first.
size_t addend_of(const Graph& graph, const Neighbours& neighbours, size_t sum) {
  const std::vector<size_t>& parts = graph.nodes[sum].inputs;
  const unsigned epilogue = bit(type_of(graph.nodes[sum]).epilogue.epilogue);
  for (size_t k = 0; k < 2; ++k) {
    const size_t part = parts[k], other = parts[1 - k];
    if (neighbours.is_for_one(part) && (type_of(graph.nodes[part]).takes_in & epilogue) &&
        other < part && has_stream_unit(graph, other))
      return other;
  }
  return parts[0];
}

}  // namespace

std::vector<bool> begin_units(const Graph& graph, const std::vector<ColumnStatistics>& statistics) {
  const Neighbours neighbours(graph);
  std::vector<bool> begins(graph.nodes.size());
  std::vector<Span> spans(graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    if (!has_stream_unit(graph, i)) continue;
    const float largest = statistics[i].largest_magnitude(0, node.cols);
    spans[i] = {largest, largest};
    if (type_of(node).unit == UnitRule::OfInput) {
      spans[i] = spans[node.inputs[0]];
    } else if (type_of(node).is_sum) {
      const Span addend = spans[addend_of(graph, neighbours, i)];
      const Span both{std::min(addend.least, largest), std::max(addend.most, largest)};
      begins[i] = both.most > kLargestRatio * both.least;
      if (!begins[i]) spans[i] = both;
    }
  }
  return begins;
}

}  // namespace vitro::converter
