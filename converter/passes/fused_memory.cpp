// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/fused_memory.h"

#include <algorithm>
#include <numeric>

#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

using schema::Format;
using schema::Storage;

size_t root(const std::vector<size_t>& parent, size_t i) {
  while (parent[i] != i) i = parent[i];
  return i;
}

bool is_sum(const Graph& graph, const FusedNode& f) {
  return !f.is_conversion && type_of(graph.nodes[f.value]).is_sum;
}

// The input of a sum that is in the sum's unit.
size_t addend_of(const FusedNode& f) { return f.node == f.value ? f.inputs[0] : f.inputs[1]; }

bool is_view(const Graph& graph, const FusedNode& f) {
  return !f.is_conversion && type_of(graph.nodes[f.node]).is_view;
}

// A value as it lies in memory: rows of what was written last without being a view.
struct Place {
  size_t whole = 0;  // of FusedGraph::nodes
  size_t first_row = 0;
};

Place place_of(const Graph& graph, const FusedGraph& fused, size_t i) {
  Place place{i, 0};
  while (is_view(graph, fused.nodes[place.whole])) {
    const FusedNode& view = fused.nodes[place.whole];
    const Node& node = graph.nodes[view.node];
    place.first_row += type_of(node).rows_read(graph, node, 0, view.rows) - view.rows;
    place.whole = view.inputs[0];
  }
  return place;
}

// Values in one unit: sums and their addends, and what takes its unit from its input.
void find_streams(const Graph& graph, FusedGraph& fused) {
  std::vector<FusedNode>& nodes = fused.nodes;
  std::vector<size_t> parent(nodes.size());
  std::iota(parent.begin(), parent.end(), size_t{0});
  const auto join = [&](size_t a, size_t b) {
    a = root(parent, a), b = root(parent, b);
    parent[std::max(a, b)] = std::min(a, b);
  };
  for (size_t i = 0; i < nodes.size(); ++i) {
    const FusedNode& f = nodes[i];
    if (f.format != Format::S16 || !has_stream_unit(graph, f.value)) continue;
    if (is_sum(graph, f)) join(i, addend_of(f));
    const bool has_leading_rows =
        !f.is_conversion && !f.inputs.empty() && nodes[f.inputs[0]].value == f.value;
    if (has_leading_rows || type_of(graph.nodes[f.value]).unit == UnitRule::OfInput)
      join(i, f.inputs[0]);
  }
  for (size_t i = 0; i < nodes.size(); ++i) {
    FusedNode& f = nodes[i];
    if (f.format != Format::S16 || !has_stream_unit(graph, f.value)) continue;
    const size_t first = root(parent, i);
    if (first == i) {
      f.stream = fused.streams.size();
      fused.streams.push_back({graph.nodes[f.value].name, {}});
    } else {
      f.stream = nodes[first].stream;
    }
    std::vector<size_t>& members = fused.streams[f.stream].nodes;
    if (type_of(graph.nodes[f.value]).unit == UnitRule::Stream &&
        (members.empty() || members.back() != f.value))
      members.push_back(f.value);
  }
}

// Whether sum i may lie where its addend lay: nothing after it reads that, or rows of it; and its
// step, whose tiles run side by side, reads of it no other rows than those it makes.
bool may_be_in_place(const Graph& graph, const FusedGraph& fused, size_t i) {
  const Place addend = place_of(graph, fused, addend_of(fused.nodes[i]));
  for (size_t j = 0; j < fused.nodes.size(); ++j) {
    const FusedNode& f = fused.nodes[j];
    if (j == i || is_view(graph, f)) continue;
    for (const size_t input : f.inputs) {
      const Place place = place_of(graph, fused, input);
      if (place.whole != addend.whole) continue;
      if (j > i) return false;
      if (f.step == fused.nodes[i].step &&
          (place.first_row != addend.first_row || !is_row_by_row(graph, f)))
        return false;
    }
  }
  return true;
}

// Scratch holds a tile's rows while a step runs; whole values and what later steps read lie in the
// arena, and so do sums with what they add to.
Storage storage_of(const Graph& graph, const FusedGraph& fused, size_t i) {
  const FusedNode& f = fused.nodes[i];
  if (is_sum(graph, f) || f.format == Format::Keys || f.format == Format::Values ||
      f.format == Format::F32)
    return Storage::Arena;
  for (const FusedNode& reader : fused.nodes)
    for (size_t k = 0; k < reader.inputs.size(); ++k) {
      if (reader.inputs[k] != i) continue;
      if (reader.step != f.step || !is_row_by_row(graph, reader) ||
          (is_sum(graph, reader) && addend_of(reader) == i))
        return Storage::Arena;
    }
  return Storage::Scratch;
}

}  // namespace

bool is_row_by_row(const Graph& graph, const FusedNode& f) {
  return f.is_conversion || type_of(graph.nodes[f.node]).step != StepRule::Begins;
}

bool has_stream_unit(const Graph& graph, size_t node) {
  switch (type_of(graph.nodes[node]).unit) {
    case UnitRule::Stream: return true;
    case UnitRule::OfInput: return has_stream_unit(graph, graph.nodes[node].inputs[0]);
    case UnitRule::Own: break;
  }
  return false;
}

void settle_memory(const Graph& graph, FusedGraph& fused) {
  find_streams(graph, fused);
  for (size_t i = 0; i < fused.nodes.size(); ++i) {
    FusedNode& f = fused.nodes[i];
    f.storage = storage_of(graph, fused, i);
    f.in_place = is_sum(graph, f) && may_be_in_place(graph, fused, i);
  }
}

}  // namespace vitro::converter
