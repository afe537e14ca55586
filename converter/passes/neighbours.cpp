// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/neighbours.h"

#include <algorithm>

#include "converter/nodes/node_type.h"

namespace vitro::converter {

bool Neighbours::is_free(size_t node) const {
  return type_of(graph_.nodes[node]).basis(graph_.nodes[node]) == Basis::Free;
}

bool Neighbours::is_for_one(size_t node) const {
  return readers_[node].size() == 1 && !is_output(graph_, node);
}

bool Neighbours::is_free_for_one(size_t node) const { return is_free(node) && is_for_one(node); }

bool Neighbours::is_first_to_compare(size_t i, size_t a, size_t b) const {
  if (is_output(graph_, a) || is_output(graph_, b) || a == b || readers_[a] != readers_[b] ||
      readers_[a].front() != i)
    return false;
  const size_t count = type_of(graph_.nodes[i]).heads(graph_.nodes[i]).count;
  return std::all_of(readers_[a].begin(), readers_[a].end(), [&](size_t r) {
    const Node& reader = graph_.nodes[r];
    if (!type_of(reader).heads) return false;
    const Heads heads = type_of(reader).heads(reader);
    return heads.count == count && reader.inputs[heads.compared[0]] == a &&
           reader.inputs[heads.compared[1]] == b;
  });
}

bool Neighbours::is_for_weights(size_t node) const {
  return !is_output(graph_, node) && std::all_of(readers_[node].begin(), readers_[node].end(),
                                                 [this](size_t reader) { return is_free(reader); });
}

}  // namespace vitro::converter
