// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/streams.h"

#include <algorithm>
#include <map>

#include "converter/nodes/node_type.h"

namespace vitro::converter {

namespace {

using Connects = bool (*)(const Node&);

bool passes_columns(const Node& node) {
  const Basis basis = type_of(node).basis(node);
  return basis == Basis::Same || basis == Basis::KeepsOnes || basis == Basis::ByColumn;
}

bool passes_factors(const Node& node) { return type_of(node).basis(node) == Basis::Same; }

// Float32 values are of no stream: numbers of rows, say.
bool has_columns_of_value(const Node& node, size_t input) {
  return type_of(node).reads(node, input) != Form::Floats;
}

// By node: the first node of its set.
std::vector<size_t> sets_of_nodes(const Graph& graph, Connects connects) {
  std::vector<size_t> least(graph.nodes.size());
  const auto find = [&least](size_t i) {
    while (least[i] != i) i = least[i];
    return i;
  };
  for (size_t i = 0; i < least.size(); ++i) {
    least[i] = i;
    const Node& node = graph.nodes[i];
    if (!connects(node)) continue;
    for (size_t k = 0; k < node.inputs.size(); ++k) {
      if (!has_columns_of_value(node, k)) continue;
      const size_t a = find(i), b = find(node.inputs[k]);
      least[std::max(a, b)] = std::min(a, b);
    }
  }
  for (size_t i = 0; i < least.size(); ++i) least[i] = find(i);
  return least;
}

std::vector<ColumnSet> list_sets(const Graph& graph, Connects connects) {
  const std::vector<size_t> set_of = sets_of_nodes(graph, connects);
  std::map<size_t, ColumnSet> sets;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    ColumnSet& set = sets[set_of[i]];
    set.members.push_back(i);
    set.cols = node.cols;
    set.has_output = set.has_output || is_output(graph, i);
    if (connects(node)) continue;
    for (const size_t input : node.inputs) {
      std::vector<size_t>& readers = sets[set_of[input]].readers;
      if (std::find(readers.begin(), readers.end(), i) == readers.end()) readers.push_back(i);
    }
  }
  std::vector<ColumnSet> list;
  list.reserve(sets.size());
  for (auto& [least, set] : sets) list.push_back(std::move(set));
  return list;
}

}  // namespace

std::vector<ColumnSet> list_column_sets(const Graph& graph) {
  return list_sets(graph, passes_columns);
}

std::vector<ColumnSet> list_scale_sets(const Graph& graph) {
  return list_sets(graph, passes_factors);
}

}  // namespace vitro::converter
