// SPDX-License-Identifier: Apache-2.0
#include "converter/passes/neighbours.h"

#include <algorithm>

namespace vitro::converter {

bool Neighbours::is_linear_for_one(size_t node) const {
  return graph_.nodes[node].is<Linear>() && readers_[node].size() == 1 && !is_output(graph_, node);
}

bool Neighbours::is_for_linears(size_t node) const {
  return !is_output(graph_, node) &&
         std::all_of(readers_[node].begin(), readers_[node].end(),
                     [this](size_t reader) { return graph_.nodes[reader].is<Linear>(); });
}

}  // namespace vitro::converter
