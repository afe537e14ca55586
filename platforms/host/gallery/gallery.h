// SPDX-License-Identifier: Apache-2.0
// A gallery: what a program made of known photos, to which others are compared.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platforms/host/program_file.h"

namespace vitro::host {

/// Rows of features in int8, each scaled so that its largest value is 127: a cosine does not see
/// the scale.
struct Gallery {
  static constexpr uint32_t kNoClass = 0xffffffff;

  std::string program_sha256;  // of the program that made them; 32 bytes
  std::string output;          // of that program, whose values they are
  size_t cols = 0;
  std::vector<std::string> classes;  // may be empty
  std::vector<std::string> files;    // one for each row, for people
  std::vector<uint32_t> labels;      // of each row, an index of `classes`, or kNoClass
  std::vector<int8_t> rows;          // [files, cols]
  std::vector<double> lengths;       // of the rows, in their steps

  const int8_t* row(size_t i) const { return rows.data() + i * cols; }
};

/// The 32 bytes of the program's SHA-256, without a signature behind it.
std::string sha256_of(const ProgramFile& file);

/// A row, from [cols] values. Throws InputError, naming `photo`, where they are no finite numbers,
/// or all 0.
std::vector<int8_t> gallery_row(const std::vector<float>& values, const std::string& photo);

/// Adds a row; label: kNoClass, or below classes.size().
void add_row(Gallery& gallery, const std::vector<int8_t>& row, const std::string& photo,
             uint32_t label);

/// The bytes of a gallery file, which README.md describes.
std::string bytes_of(const Gallery& gallery);
/// Throws InputError on whatever bytes_of() cannot have made.
Gallery read_gallery(const std::string& path);

}  // namespace vitro::host
