// SPDX-License-Identifier: Apache-2.0
// Folds per-column affine maps into the linears that read them; in double, rounded to float once.
#include "converter/passes/fold.h"

#include <stdexcept>

#include "converter/nodes/node_type.h"

namespace vitro::converter {
namespace {

/// Into all that reads `node`, through what commutes with a per-column affine map.
void fold_into_readers(Graph& graph, size_t node, const Affine& affine) {
  for (size_t i = node + 1; i < graph.nodes.size(); ++i) {
    Node& reader = graph.nodes[i];
    const AffineRule& rule = type_of(reader).affine;
    for (const size_t input : reader.inputs) {
      if (input != node) continue;
      if (rule.input == AffineInput::Absorbs) rule.absorb(reader, affine);
      if (rule.input == AffineInput::Passes) fold_into_readers(graph, i, affine);
    }
  }
}

/// Whether all that reads `node` can take an affine map of its columns.
bool readers_fold(const Graph& graph, size_t node) {
  for (const GraphOutput& output : graph.outputs)
    if (output.node == node) return false;
  bool read = false;
  for (size_t i = node + 1; i < graph.nodes.size(); ++i)
    for (const size_t input : graph.nodes[i].inputs) {
      if (input != node) continue;
      read = true;
      const AffineInput rule = type_of(graph.nodes[i]).affine.input;
      if (rule == AffineInput::Stops) return false;
      if (rule == AffineInput::Passes && !readers_fold(graph, i)) return false;
    }
  return read;
}

}  // namespace

Graph fold(Graph graph) {
  if (graph.folded) return graph;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    Node& node = graph.nodes[i];
    const AffineRule& rule = type_of(node).affine;
    if (rule.take == nullptr) continue;
    if (readers_fold(graph, i)) {
      if (const std::optional<Affine> affine = rule.take(graph, node))
        fold_into_readers(graph, i, *affine);
    } else if (node.inputs.empty()) {
      throw std::logic_error("fold: " + node.name + " is not read by linears alone");
    }
  }
  graph.folded = true;
  return graph;
}

}  // namespace vitro::converter
