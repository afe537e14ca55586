// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/pad.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "converter/graph/node_fault.h"
#include "converter/nodes/node_type.h"
#include "converter/passes/neighbours.h"
#include "converter/passes/streams.h"

namespace vitro::converter {
namespace {

size_t to_fours(size_t width) { return (width + 3) / 4 * 4; }

/// Parts of `part` columns each become parts of `wider` ones.
Matrix with_wider_columns(const Matrix& m, size_t part, size_t wider) {
  Matrix out(m.rows, m.cols / part * wider);
  for (size_t r = 0; r < m.rows; ++r) {
    for (size_t c = 0; c < m.cols; ++c) out.row(r)[c / part * wider + c % part] = m.row(r)[c];
  }
  return out;
}

std::vector<float> with_wider_parts(const std::vector<float>& v, size_t part, size_t wider) {
  std::vector<float> out(v.size() / part * wider);
  for (size_t i = 0; i < v.size(); ++i) out[i / part * wider + i % part] = v[i];
  return out;
}

Matrix with_wider_rows(const Matrix& m, size_t part, size_t wider) {
  Matrix out(m.rows / part * wider, m.cols);
  for (size_t n = 0; n < m.rows; ++n)
    std::copy_n(m.row(n), m.cols, out.row(n / part * wider + n % part));
  return out;
}

ColumnConstants constants_of(Node& node) {
  const NodeType& type = type_of(node);
  return type.constants ? type.constants(node) : ColumnConstants();
}

/// Parts of `part` columns of the node's value become parts of `wider`, the new ones 0.
void widen_value(Node& node, size_t part, size_t wider) {
  const ColumnConstants constants = constants_of(node);
  if (constants.weight) *constants.weight = with_wider_rows(*constants.weight, part, wider);
  if (constants.bias) *constants.bias = with_wider_parts(*constants.bias, part, wider);
  for (Matrix* rows : constants.rows) *rows = with_wider_columns(*rows, part, wider);
}

/// Likewise of what it reads.
void widen_input(Node& node, size_t part, size_t wider) {
  if (Matrix* weight = constants_of(node).weight)
    *weight = with_wider_columns(*weight, part, wider);
}

bool all_free(const Graph& graph, const std::vector<size_t>& nodes) {
  return std::all_of(nodes.begin(), nodes.end(), [&](size_t i) {
    return type_of(graph.nodes[i]).basis(graph.nodes[i]) == Basis::Free;
  });
}

/// Columns of a head in the node's value, or in an input of it.
size_t head_width(const Node& node, const Node& value) {
  return value.cols / type_of(node).heads(node).count;
}

/// In its value.
bool has_heads(const Node& node) { return type_of(node).heads(node).averaged != kNone; }

using ReadersOf = std::vector<std::vector<size_t>>;  // by node

/// Whether columns of it may be added for the one node that reads it.
bool can_widen(const Graph& graph, const ReadersOf& readers, size_t value) {
  return all_free(graph, {value}) && readers[value].size() == 1;
}

/// Whether they may for the nodes that compare a and b, of which i is the first.
bool can_widen_both(const Graph& graph, size_t i, size_t a, size_t b) {
  return all_free(graph, {a, b}) && Neighbours(graph).is_first_to_compare(i, a, b);
}

void pad_compared(Graph& graph, size_t i) {
  const Node& node = graph.nodes[i];
  const Heads heads = type_of(node).heads(node);
  const size_t a = node.inputs[heads.compared[0]], b = node.inputs[heads.compared[1]],
               before = head_width(node, graph.nodes[a]), wider = to_fours(before);
  if (wider == before || !can_widen_both(graph, i, a, b)) return;
  for (const size_t input : {a, b}) widen_value(graph.nodes[input], before, wider);
}

void pad_averaged(Graph& graph, size_t i, const ReadersOf& readers) {
  const Node& node = graph.nodes[i];
  const size_t values = node.inputs[type_of(node).heads(node).averaged],
               before = head_width(node, node), wider = to_fours(before);
  if (wider == before || !can_widen(graph, readers, values) || !all_free(graph, readers[i])) return;
  widen_value(graph.nodes[values], before, wider);
  for (const size_t reader : readers[i]) widen_input(graph.nodes[reader], before, wider);
}

/// Every column of a writer's weights, and its bias, loses its mean over the outputs.
void centre_outputs(Matrix& weight, std::vector<float>& bias) {
  const auto n = static_cast<double>(weight.rows);
  for (size_t k = 0; k < weight.cols; ++k) {
    double mean = 0;
    for (size_t r = 0; r < weight.rows; ++r) mean += static_cast<double>(weight.row(r)[k]) / n;
    for (size_t r = 0; r < weight.rows; ++r)
      weight.row(r)[k] = static_cast<float>(static_cast<double>(weight.row(r)[k]) - mean);
  }
  double mean = 0;
  for (const float b : bias) mean += static_cast<double>(b) / n;
  for (float& b : bias) b = static_cast<float>(static_cast<double>(b) - mean);
}

void centre_rows(Matrix& m) {
  for (size_t r = 0; r < m.rows; ++r) {
    double mean = 0;
    for (size_t c = 0; c < m.cols; ++c)
      mean += static_cast<double>(m.row(r)[c]) / static_cast<double>(m.cols);
    for (size_t c = 0; c < m.cols; ++c)
      m.row(r)[c] = static_cast<float>(static_cast<double>(m.row(r)[c]) - mean);
  }
}

void centre_value(Node& node) {
  const ColumnConstants constants = constants_of(node);
  if (constants.weight) centre_outputs(*constants.weight, *constants.bias);
  for (Matrix* rows : constants.rows) centre_rows(*rows);
}

bool sees_mean(const Graph& graph, size_t i) { return type_of(graph.nodes[i]).sees_mean; }

/// Whether all that reads the set's values reads them by way of a norm, which takes their mean out
/// anyway.
bool may_centre(const Graph& graph, const ColumnSet& set) {
  std::set<size_t> normed;
  for (const size_t i : set.members) {
    const std::vector<size_t>& inputs = graph.nodes[i].inputs;
    const bool free = type_of(graph.nodes[i]).basis(graph.nodes[i]) == Basis::Free;
    const bool of_normed = !free && std::all_of(inputs.begin(), inputs.end(), [&](size_t input) {
      return normed.count(input) > 0;
    });
    if (sees_mean(graph, i) || of_normed)
      normed.insert(i);
    else if (type_of(graph.nodes[i]).basis(graph.nodes[i]) == Basis::ByColumn)
      return false;
  }
  for (const size_t reader : set.readers)
    for (const size_t input : graph.nodes[reader].inputs)
      if (std::binary_search(set.members.begin(), set.members.end(), input) &&
          normed.count(input) == 0)
        return false;
  return true;
}

bool can_pad(const Graph& graph, const ColumnSet& set) {
  const bool widen = std::all_of(set.members.begin(), set.members.end(), [&](size_t i) {
    return type_of(graph.nodes[i]).widen != nullptr;
  });
  return widen && !set.has_output && !set.readers.empty() && all_free(graph, set.readers);
}

void pad_set(Graph& graph, const ColumnSet& set) {
  const size_t before = set.cols, wider = to_fours(before);
  if (wider == before || !can_pad(graph, set)) return;
  const bool centred = std::any_of(set.members.begin(), set.members.end(),
                                   [&](size_t i) { return sees_mean(graph, i); });
  if (centred && !may_centre(graph, set)) return;
  for (const size_t i : set.members) {
    Node& node = graph.nodes[i];
    if (centred) centre_value(node);
    widen_value(node, before, wider);
    type_of(node).widen(node, before, wider);
  }
  for (const size_t i : set.readers) widen_input(graph.nodes[i], before, wider);
}

const Node* unpadded(const Graph& graph) {
  for (const Node& node : graph.nodes) {
    const NodeType& type = type_of(node);
    for (size_t k = 0; k < node.inputs.size(); ++k)
      if (type.reads(node, k) == Form::Rows && graph.nodes[node.inputs[k]].cols % 4 != 0)
        return &node;
    if (!type.heads) continue;
    const Node& compared = graph.nodes[node.inputs[type.heads(node).compared[0]]];
    if ((has_heads(node) && head_width(node, node) % 4 != 0) || head_width(node, compared) % 4 != 0)
      return &node;
  }
  return nullptr;
}

}  // namespace

Graph pad(Graph graph) {
  if (graph.folded) throw std::logic_error("pad: the graph is folded already");
  const ReadersOf readers = readers_of(graph);
  const std::vector<ColumnSet> sets = list_column_sets(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    if (type_of(graph.nodes[i]).heads) {
      pad_compared(graph, i);
      if (has_heads(graph.nodes[i])) pad_averaged(graph, i, readers);
    }
  for (const ColumnSet& set : sets) pad_set(graph, set);
  settle_shapes(graph);
  if (const Node* node = unpadded(graph))
    throw NodeFault(node->name,
                    "reads rows of a width that is no multiple of 4 and cannot be padded",
                    "vitro has no int8 form of such a model");
  return graph;
}

bool is_padded(const Graph& graph) { return unpadded(graph) == nullptr; }

}  // namespace vitro::converter
