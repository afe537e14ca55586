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
  return f.epilogue == Epilogue::Add || (!f.is_conversion && graph.nodes[f.node].is<Add>());
}

// The input of a sum that is in the sum's unit.
size_t addend_of(const FusedNode& f) {
  return f.epilogue == Epilogue::Add ? f.inputs[1] : f.inputs[0];
}

bool is_rows_of_another(const Graph& graph, const FusedNode& f) {
  return !f.is_conversion && graph.nodes[f.node].is<SelectRows>();
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
    const bool adds_prefix = !f.is_conversion && graph.nodes[f.node].is<Tokens>();
    if (adds_prefix || type_of(graph.nodes[f.value]).unit == UnitRule::OfInput)
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

// Whether anything after node i reads the addend that it would overwrite, or rows of that, or what
// that is rows of.
bool is_read_later(const Graph& graph, const FusedGraph& fused, size_t i) {
  size_t whole = addend_of(fused.nodes[i]);
  while (is_rows_of_another(graph, fused.nodes[whole])) whole = fused.nodes[whole].inputs[0];
  std::vector<bool> old(fused.nodes.size());
  old[whole] = true;
  for (size_t j = 0; j < fused.nodes.size(); ++j) {
    if (j == i) continue;
    for (const size_t input : fused.nodes[j].inputs) {
      if (!old[input]) continue;
      if (j > i) return true;
      old[j] = old[j] || is_rows_of_another(graph, fused.nodes[j]);
    }
  }
  return false;
}

// Scratch holds a tile's rows while a step runs; whole values and what later steps read lie in the
// arena.
Storage storage_of(const Graph& graph, const FusedGraph& fused, size_t i) {
  const FusedNode& f = fused.nodes[i];
  if (f.stream != kNone || f.format == Format::Keys || f.format == Format::Values ||
      f.format == Format::F32)
    return Storage::Arena;
  for (const FusedNode& reader : fused.nodes)
    for (size_t k = 0; k < reader.inputs.size(); ++k) {
      if (reader.inputs[k] != i) continue;
      const bool row_by_row =
          reader.is_conversion || !type_of(graph.nodes[reader.node]).begins_step;
      if (reader.step != f.step || !row_by_row) return Storage::Arena;
    }
  return Storage::Scratch;
}

}  // namespace

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
    f.in_place = is_sum(graph, f) && !is_read_later(graph, fused, i);
  }
}

}  // namespace vitro::converter
