// SPDX-License-Identifier: Apache-2.0
// Which values of a graph hang together by their columns.
#pragma once

#include <cstddef>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

/// Values that sums, stacked rows, choices and means of rows, norms and activations connect: a
/// residual stream with what is normalised of it, a hidden layer. What is done to the columns of
/// one value, widening or rotating them, has to be done to the whole set.
struct ColumnSet {
  std::vector<size_t> members;  // nodes, in ascending order
  std::vector<size_t> readers;  // nodes outside that read a member
  size_t cols = 0;
  bool has_output = false;  // of the graph, among its members
};

/// All of a graph, in the order of their first nodes.
std::vector<ColumnSet> list_column_sets(const Graph& graph);

/// Smaller sets: those that sums, stacked rows, choices and means of rows connect, through which a
/// factor for each column passes. Norms and activations are in sets of their own.
std::vector<ColumnSet> list_scale_sets(const Graph& graph);

}  // namespace vitro::converter
