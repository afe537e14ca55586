// SPDX-License-Identifier: Apache-2.0
// Which values of a graph hang together by their columns.
#pragma once

#include <cstddef>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

/// By node: the stream that its value belongs to, named by the least of its nodes. Values are of
/// one stream where sums, stacked rows, choices and means of rows connect them: what holds numbers
/// of the same meaning in the same unit.
std::vector<size_t> streams(const Graph& graph);

/// By node: its set of columns, named likewise. Streams are also connected where a node keeps the
/// columns apart but not the numbers: a norm, an activation. What is done to the columns of one
/// value, widening or rotating them, has to be done to all of its set.
std::vector<size_t> column_sets(const Graph& graph);

/// The members of one such set, and the nodes outside that read one of them.
struct ColumnSet {
  std::vector<size_t> members, readers;
  size_t cols = 0;
  bool has_output = false;  // of the graph, among its members
};

/// All of them, in the order of their least nodes.
std::vector<ColumnSet> list_column_sets(const Graph& graph);

}  // namespace vitro::converter
