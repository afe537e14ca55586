// SPDX-License-Identifier: Apache-2.0
// The graph as int8 programs run it: what each operation of the program takes in, in which format
// it writes, in which step. Says nothing that the float graph says; it refers to its nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/graph/graph.h"
#include "runtime/schema/program_generated.h"

namespace vitro::converter {

/// What a linear layer does with its outputs before it writes them.
enum class Epilogue : uint8_t {
  None,
  Gelu,     // writes GELU of them, int16 with fraction bits
  Silu,     // writes SiLU of them, likewise
  Add,      // adds them to inputs[1], in whose unit it writes
  Tokens,   // adds the positions of a Tokens node and writes to the rows after its prefix
  Half,     // writes half of them: the first part of an Average
  Average,  // adds half of them to inputs[1], the first part
};

/// In what form a value is handed from one operation of a program to the next.
enum class Form : uint8_t {
  Rows,   // int8 with a scale and a zero point, for each row or for all: RowS8 or S8
  Fixed,  // int16: S16
  Queries,
  Keys,
  Values,  // int8 with a scale for each head (q, k) or column (v): S8, Keys, Values
  Floats,  // F32
};

/// Whether it is read by what divides its columns into heads.
constexpr bool is_of_heads(Form form) {
  return form == Form::Queries || form == Form::Keys || form == Form::Values;
}

constexpr size_t kNone = SIZE_MAX;

struct FusedNode {
  size_t node = 0;   // of the float graph: whose parameters it has
  size_t value = 0;  // of the float graph: whose value it gives, with all that it has taken in
  std::string name;
  bool is_conversion = false;  // no node's operation: from int16 to the int8 rows that linears read
  bool is_static = false;      // int8 rows, written or read, have one scale for all of them
  std::vector<size_t> inputs;  // of FusedGraph::nodes, earlier ones
  Epilogue epilogue = Epilogue::None;
  size_t rows = 0;  // that it makes: the leading ones that anything reads
  size_t cols = 0;
  Form form = Form::Fixed;
  schema::Format format = schema::Format::S16;
  size_t heads = 1, groups = 1;  // of its reader, where that divides it into heads
  schema::Storage storage = schema::Storage::Scratch;
  size_t step = kNone;    // of FusedGraph::steps; none: rows of another tensor, no operation
  size_t stream = kNone;  // of FusedGraph::streams; none: not int16, or in a unit of its own rule
  bool in_place = false;  // sums: the result lies where the addend lay
};

/// Operations that run one after the other on each tile of rows.
struct FusedStep {
  std::string name;
  size_t rows = 0;
};

/// int16 values of one unit.
struct FusedStream {
  std::string name;           // of its first value
  std::vector<size_t> nodes;  // of the float graph: the values that have to fit
};

struct FusedGraph {
  std::vector<FusedNode> nodes;
  std::vector<FusedStep> steps;
  std::vector<FusedStream> streams;
  std::vector<size_t> outputs;  // of `nodes`: those of the float graph's outputs
};

/// By node of `graph`, whether its value has a range of its own in Calibration::ranges.
std::vector<bool> with_static_range(const Graph& graph, const FusedGraph& fused);

}  // namespace vitro::converter
