// SPDX-License-Identifier: Apache-2.0
// All that the converter asks of a kind of node. Each kind answers in one file of this folder;
// graph/operations.def lists them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "converter/graph/fused_graph.h"
#include "converter/graph/graph.h"

namespace vitro::converter {

class Lowering;
struct Value;

struct Shape {
  size_t rows = 0, cols = 0;
  std::optional<Grid> grid;
};

/// One execution of a node in float32; values are row-major.
struct FloatCall {
  const uint8_t* picture;       // RGB, of the graph's size
  const float* const* inputs;   // readable Product::kPadding floats beyond their ends
  float* value;                 // to be written; overlaps no input
  std::vector<float>& scratch;  // of any size and content; shared by the graph's nodes
};

/// Executes one node; holds what was prepared for it, as packed weights. Refers to the graph.
using Execute = std::function<void(const FloatCall&)>;

/// x * scale + shift, of each column.
struct Affine {
  std::vector<double> scale, shift;
};

/// What becomes of an affine map of the columns of what a node reads.
enum class AffineInput {
  Stops,    // it has to be computed before the node
  Passes,   // the node's value has it instead
  Absorbs,  // the node's constants take it in
};

struct AffineRule {
  AffineInput input = AffineInput::Stops;
  void (*absorb)(Node&, const Affine&) = nullptr;  // for Absorbs
  /// Takes the affine map of columns with which the node ends out of the node; none if it has none.
  std::optional<Affine> (*take)(const Graph&, Node&) = nullptr;  // null: none
};

/// How the columns of a node's value and those of its inputs hang together.
enum class Basis {
  Free,       // by a weight: any linear map of either's columns goes into its constants
  Same,       // any linear map of the inputs' columns is one of the value's, if constants follow
  KeepsOnes,  // orthogonal maps that keep the vector of ones pass likewise, no others
  ByColumn,   // column by column, and a column of zeros stays one; no rotation passes
  Fixed,      // the value's columns are none of its inputs' or mean something by themselves
};

/// Constants that change with the columns of a node's value, or of what it reads.
struct ColumnConstants {
  Matrix* weight = nullptr;            // [columns of the value, columns of the input]; of all Free
  std::vector<float>* bias = nullptr;  // [columns of the value]; wherever there is a weight
  std::vector<Matrix*> rows;           // [any, columns of the value]
};

/// Columns that a node divides into heads of equal width, which may be another in its value than in
/// what it compares; each head may have a basis of its own.
struct Heads {
  size_t count = 1;
  size_t groups = 1;  // of consecutive rows
  /// Inputs of which a head counts by its products alone: any orthogonal map of both leaves the
  /// value as it is. So does any shift of the second's columns, the same for all rows.
  size_t compared[2] = {0, 1};
  /// The input of which a head of the value is a mean, whatever the weights: any linear map and any
  /// shift of its columns is one of the value's. kNone: the value has no heads.
  size_t averaged = 2;
};

template <class Enum>
constexpr unsigned bit(Enum value) {
  return 1u << static_cast<unsigned>(value);
}

/// What one unit of a node's int16 value is worth.
enum class UnitRule : uint8_t {
  Own,      // its lowering says
  OfInput,  // as its first input's
  Stream,   // so that the largest value fits; the same for all values of its sums
};

/// Where a node's operation stands in a step, whose operations take the same rows, tile by tile.
enum class StepRule : uint8_t {
  Continues,  // row by row
  Opens,      // row by row; begins a step, but goes on with what one that began so has just made
  Begins,     // needs other rows of its inputs than those that it makes
};

/// How an operation that makes the node's only input also computes the node.
struct EpilogueRule {
  Epilogue epilogue = Epilogue::None;  // none: it does not
  Form form = Form::Fixed;             // in which it then writes
  /// Of two inputs that such operations make, what the earlier one does; None: the other input is
  /// an int16 value that is there already.
  Epilogue first_part = Epilogue::None;
  /// With static scales: the input is written in int8 with one scale for all rows, and lower_static
  /// makes the value of it, in this form.
  std::optional<Form> of_static;
};

/// Leading rows of a value that its epilogue does not write: `lower` does, in a step of this name.
struct LeadingRows {
  size_t count = 0;
  const char* step = "";
};

/// A function of a number by itself, exact.
using ElementFunction = double (*)(double);

struct NodeType {
  const char* name = "";

  /// Of the node's value, from its inputs and parameters. Throws std::logic_error, naming the
  /// node, where these do not fit.
  Shape (*shape)(const Graph&, const Node&) = nullptr;

  Execute (*execute)(const Graph&, const Node&) = nullptr;

  /// How many leading rows of input number `input` the first `rows` rows of the value need.
  size_t (*rows_read)(const Graph&, const Node&, size_t input, size_t rows) = nullptr;

  /// fold.
  AffineRule affine;

  /// What each element of its value is of that of its input; null: not by elements.
  ElementFunction (*function)(const Node&) = nullptr;

  /// rotate, pad, and what a stream is.
  Basis (*basis)(const Node&) = nullptr;
  ColumnConstants (*constants)(Node&) = nullptr;  // null: none
  /// rotate, pad, centre, and of all that read queries, keys or values; null: not divided.
  Heads (*heads)(const Node&) = nullptr;

  /// Of what passes orthogonal maps of the columns of each head on: how many heads. Null: it does
  /// not.
  size_t (*turns_with_heads)(const Node&) = nullptr;

  /// Of what divides its columns into heads: the least that the units of the two compared inputs of
  /// a head may make together, beyond what those inputs need. Null: 0.
  float (*least_score_unit)(const Node&, size_t head) = nullptr;

  /// smooth: multiplies the columns of its value by `factors`, all positive, by way of its
  /// constants; of what passes columns on, its inputs' are. Null: it cannot.
  void (*scale_value)(Node&, const std::vector<double>& factors) = nullptr;
  /// Whether that makes an operation of the program more.
  bool scaling_costs = false;

  /// pad: adapts parameters other than those of `constants` to a value of `wider` columns instead
  /// of `before`, the new ones 0. Null: the value cannot be widened.
  void (*widen)(Node&, size_t before, size_t wider) = nullptr;
  /// Whether the columns' sum enters its value, so that zero columns count where the mean is not 0.
  bool sees_mean = false;

  /// Whether its value can be an output of a program as it is.
  bool is_read_out = false;

  /// fuse: the form in which its operation takes input number `input`, and the forms that it can
  /// write, as bits; none: it only exists as an epilogue.
  Form (*reads)(const Node&, size_t input) = nullptr;
  unsigned writes = 0;
  UnitRule unit = UnitRule::Own;
  StepRule step = StepRule::Continues;
  unsigned takes_in = 0;  // the epilogues that its operation can have, as bits
  EpilogueRule epilogue;  // that it can be
  LeadingRows (*leading_rows)(const Node&) = nullptr;  // null: none
  /// Whether its operation adds to its first input, in whose unit it writes, and may do so in
  /// place.
  bool is_sum = false;
  /// Whether its value is consecutive rows of its input's, where they lie: no operation.
  bool is_view = false;

  /// Adds the operations of the program and gives the value over the calibration pictures.
  /// lower_static: where int8 rows that it reads or writes have one scale for all of them. Null:
  /// fuse refuses the node.
  Value (*lower)(Lowering&, const FusedNode&) = nullptr;
  Value (*lower_static)(Lowering&, const FusedNode&) = nullptr;
};

const NodeType& type_of(const Node& node);

/// Adds a node whose rows, cols and grid are those of its kind's shape(); returns its index.
/// Throws std::logic_error for what does not fit together.
size_t add_node(Graph& graph, std::string name, std::vector<size_t> inputs, Operation operation);

/// Brings rows, cols and grid of all nodes up to date after a pass has changed parameters.
void settle_shapes(Graph& graph);

/// What most kinds answer.
const Node& input_of(const Graph& graph, const Node& node, size_t input);
size_t same_rows(const Graph&, const Node&, size_t input, size_t rows);  // row by row
size_t all_rows(const Graph&, const Node&, size_t input, size_t rows);   // whole
Shape same_shape(const Graph&, const Node&);  // of all inputs, which are of one shape
void widen_nothing(Node&, size_t before, size_t wider);
void scale_nothing(Node&, const std::vector<double>& factors);
void scale_constants(Node&, const std::vector<double>& factors);  // those of `constants`
void scale_columns(std::vector<float>& values, const std::vector<double>& factors);
template <Basis answer>
Basis always(const Node&) {
  return answer;
}
template <Form answer>
Form takes(const Node&, size_t) {
  return answer;
}
[[noreturn]] void misfit(const Node& node, const std::string& fault);

#define VITRO_OPERATION(Type, file) extern const NodeType k##Type##Node;
#include "converter/graph/operations.def"
#undef VITRO_OPERATION

}  // namespace vitro::converter
