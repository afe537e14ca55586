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
  /// Whether one node reads it, once.
  bool is_for_one(size_t node) const;
  /// Whether a weight makes its columns.
  bool is_free(size_t node) const;
  /// Whether its columns are its own to choose: made by a weight, and one node reads them, once.
  bool is_free_for_one(size_t node) const;
  /// Whether nodes that compare a and b, and nothing else, read either, all in heads alike, and
  /// node i is the first of them.
  bool is_first_to_compare(size_t i, size_t a, size_t b) const;
  /// Whether weights alone read its columns.
  bool is_for_weights(size_t node) const;

 private:
  const Graph& graph_;
  std::vector<std::vector<size_t>> readers_;
};

}  // namespace vitro::converter
