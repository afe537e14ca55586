// SPDX-License-Identifier: Apache-2.0
// Who reads a value: whether a pass may change it.
#pragma once

#include <cstddef>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

/// Of a graph whose nodes' kinds, inputs and outputs stay as they are meanwhile.
class Neighbours {
 public:
  explicit Neighbours(const Graph& graph) : graph_(graph), readers_(readers_of(graph)) {}

  const std::vector<size_t>& readers(size_t node) const { return readers_[node]; }
  /// Whether it is a linear layer whose value one node reads, once.
  bool is_linear_for_one(size_t node) const;
  /// Whether linear layers alone read it.
  bool is_for_linears(size_t node) const;

 private:
  const Graph& graph_;
  std::vector<std::vector<size_t>> readers_;
};

}  // namespace vitro::converter
