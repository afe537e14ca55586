// SPDX-License-Identifier: Apache-2.0
// The float graph: what a checkpoint computes, before anything is quantised. Data, not code: a
// family of models is a builder of this, and what the converter knows of a kind of node stands in
// converter/nodes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "converter/base/preprocessing.h"
#include "converter/graph/operations.h"

namespace vitro::converter {

/// Rows from `first_row` on are a map, row by row: that of (y, x) is first_row + y * width + x.
struct Grid {
  size_t height = 0, width = 0;
  size_t first_row = 0;
};

template <class, class... Kinds>
using VariantOf = std::variant<Kinds...>;
#define VITRO_OPERATION(Type) , Type
using Operation = VariantOf<void
#include "converter/graph/operations.def"
                            >;
#undef VITRO_OPERATION

struct Node {
  std::string name;            // of its value; unique; e.g. "blocks.3.attn.q"
  std::vector<size_t> inputs;  // indices of earlier nodes; empty: it reads the picture
  Operation operation;
  size_t rows = 0, cols = 0;  // of its value
  std::optional<Grid> grid;   // of its value, where rows of it are a map

  template <class Kind>
  bool is() const {
    return std::holds_alternative<Kind>(operation);
  }
  /// Throws std::bad_variant_access if the node is of another kind.
  template <class Kind>
  Kind& as() {
    return std::get<Kind>(operation);
  }
  template <class Kind>
  const Kind& as() const {
    return std::get<Kind>(operation);
  }
};

/// Values as in program.fbs.
enum class OutputKind : uint8_t { Logits = 0, Features = 1, Map = 2, Labels = 3, Boxes = 4 };

struct GraphOutput {
  size_t node = 0;   // whose value it is
  std::string name;  // unique, e.g. "logits"
  OutputKind kind = OutputKind::Logits;
};

/// Nodes are added by add_node() (converter/nodes/node_type.h).
struct Graph {
  Preprocessing preprocessing;
  bool folded = false;
  std::vector<Node> nodes;           // in topological order
  std::vector<GraphOutput> outputs;  // at least one

  /// Columns of the first output of logits; 0 where there is none.
  size_t classes() const;
};

/// Who reads each node's value: once for each of its inputs that is this value.
std::vector<std::vector<size_t>> readers_of(const Graph& graph);

bool is_output(const Graph& graph, size_t node);

}  // namespace vitro::converter
