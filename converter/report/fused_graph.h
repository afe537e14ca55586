// SPDX-License-Identifier: Apache-2.0
// A fused graph for people.
#pragma once

#include <string>
#include <vector>

#include "converter/graph/fused_graph.h"

namespace vitro::converter {

struct FusedRow {
  std::string step;            // its name; empty: rows of another tensor, no operation
  std::string name;            // of the operation
  std::string kind;            // of the float graph's node; "quantise": int16 to int8 rows
  std::string format;          // as program.fbs names it
  std::string epilogue;        // "gelu", "add", "tokens", "half", "average", or empty
  std::string stream;          // empty: not int16, or in a unit of its own rule
  std::string place;           // "arena", "scratch", or "in place" of a sum's addend
  size_t rows = 0, cols = 0;   // that it makes
  std::vector<size_t> inputs;  // earlier rows of this table
};

std::vector<FusedRow> describe(const Graph& graph, const FusedGraph& fused);

}  // namespace vitro::converter
