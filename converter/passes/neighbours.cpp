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

bool Neighbours::is_for_weights(size_t node) const {
  return !is_output(graph_, node) && std::all_of(readers_[node].begin(), readers_[node].end(),
                                                 [this](size_t reader) { return is_free(reader); });
}

}  // namespace vitro::converter
