// SPDX-License-Identifier: Apache-2.0
// The float graph: what a checkpoint computes, before anything is quantised. Data, not code: a
// family of models is a builder of this, and what the converter knows of a kind of node stands in
// converter/nodes.
#pragma once

#include <any>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "converter/base/preprocessing.h"
#include "converter/graph/operations.h"

namespace vitro::converter {

/// Rows from `first_row` on are a map, row by row: that of (y, x) is first_row + y * width + x.
struct Grid {
  size_t height = 0, width = 0;
  size_t first_row = 0;
};

struct NodeType;

/// What the converter knows of each kind (converter/nodes); found by the type of its parameters.
#define VITRO_OPERATION(Type, file) const NodeType& node_type(const Type&);
#include "converter/graph/operations.def"
#undef VITRO_OPERATION

/// Parameters of any kind for which there is a node_type().
class Operation {
 public:
  Operation() = default;  // none; not to be asked for its type
  template <class Kind, class = std::enable_if_t<!std::is_same_v<std::decay_t<Kind>, Operation>>>
  Operation(Kind&& kind)  // not explicit: a kind's parameters are an operation
      : type_(&node_type(kind)), parameters_(std::forward<Kind>(kind)) {}

  const NodeType& type() const { return *type_; }
  /// Null if the operation is of another kind.
  template <class Kind>
  Kind* get() {
    return std::any_cast<Kind>(&parameters_);
  }
  template <class Kind>
  const Kind* get() const {
    return std::any_cast<Kind>(&parameters_);
  }

 private:
  const NodeType* type_ = nullptr;
  std::any parameters_;
};

struct Node {
  std::string name;            // of its value; unique; e.g. "blocks.3.attn.q"
  std::vector<size_t> inputs;  // indices of earlier nodes; empty: it reads the picture,
                               // or nothing
  Operation operation;
  size_t rows = 0, cols = 0;  // of its value
  std::optional<Grid> grid;   // of its value, where rows of it are a map

  template <class Kind>
  bool is() const {
    return operation.get<Kind>() != nullptr;
  }
  /// Throws std::bad_any_cast if the node is of another kind.
  template <class Kind>
  Kind& as() {
    return const_cast<Kind&>(std::as_const(*this).as<Kind>());
  }
  template <class Kind>
  const Kind& as() const {
    if (const Kind* const kind = operation.get<Kind>()) return *kind;
    throw std::bad_any_cast();
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
