// SPDX-License-Identifier: Apache-2.0
// Matrices as numpy.save writes them, read and written row by row, so that the logits of any number
// of pictures need only the memory of one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/base/input_file.h"
#include "converter/base/matrix.h"
#include "converter/base/write_file.h"

namespace vitro {

/// A .npy file of version 1, 2 or 3 with float32 or float64 in C order and in either byte order, of
/// shape [rows, cols] or [cols] (one row). Everything else is refused by name: other types, Fortran
/// order, other shapes, empty ones, files that are cut short or too long.
class NpyReader {
 public:
  /// Throws InputError.
  explicit NpyReader(const std::string& path);

  const std::string& path() const { return file_.path(); }
  size_t rows() const { return rows_; }
  size_t cols() const { return cols_; }
  /// values: [cols]; float64 is rounded to float32. Several threads may read at once. Throws
  /// InputError on NaN, infinity and numbers beyond float32.
  void read_row(size_t row, float* values) const;

 private:
  InputFile file_;
  size_t rows_ = 0, cols_ = 0, width_ = 0;  // width: bytes of a number
  uint64_t start_ = 0;                      // where the numbers start in the file, in bytes
  bool swapped_ = false;
};

/// The whole file as a matrix.
Matrix read_npy(const std::string& path);

/// Writes float32 [rows, shape of a row ...], version 1. The file appears at `path` with finish().
/// Throws InputError.
class NpyWriter {
 public:
  NpyWriter(const std::string& path, const std::vector<size_t>& row_shape);
  void append(const float* row);
  size_t rows() const { return rows_; }
  /// The file with all rows in it, which still must be committed: by finish(), or with other files.
  OutputFile& whole();
  void finish() { whole().commit(); }

 private:
  OutputFile file_;
  std::vector<size_t> row_shape_;
  size_t rows_ = 0, row_values_ = 1;
};

}  // namespace vitro
