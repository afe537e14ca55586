// SPDX-License-Identifier: Apache-2.0
// Who reads a value, by which input, and how many of its rows.
#pragma once

#include <cstddef>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

struct Reader {
  size_t node, input;
};

/// Of a graph as it is: nothing is kept of it.
class Readers {
 public:
  explicit Readers(const Graph& graph);

  const std::vector<Reader>& of(size_t node) const { return of_[node]; }
  bool is_output(size_t node) const { return is_output_[node]; }
  /// How many leading rows of its value anything needs; 0: nothing.
  size_t rows(size_t node) const { return rows_[node]; }
  /// The only node that reads it, once; kNone if there are several or it is an output.
  size_t only(size_t node) const;

 private:
  std::vector<std::vector<Reader>> of_;
  std::vector<bool> is_output_;
  std::vector<size_t> rows_;
};

}  // namespace vitro::converter
