// SPDX-License-Identifier: Apache-2.0
// LevelDB's sorted table, the container of a TensorFlow checkpoint's index.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "converter/checkpoint/weights_file.h"

namespace vitro::converter {

/// Reads numbers of seven bits a byte, and pieces, from bytes that end. All answer false where the
/// bytes end before, or where a number has more than 64 bits.
class ByteReader {
 public:
  explicit ByteReader(const std::string& bytes) : bytes_(bytes) {}
  ByteReader(const std::string& bytes, size_t end) : bytes_(bytes), end_(end) {}

  bool done() const { return at_ >= end_; }
  bool varint(uint64_t* value);
  bool fixed32(uint32_t* value);
  bool piece(uint64_t size, std::string* to);

 private:
  const std::string& bytes_;
  size_t at_ = 0, end_ = bytes_.size();
};

/// Are the file's last bytes those of a table?
bool is_sorted_table(const WeightsFile& file);

/// All keys, in their order, with their values. Throws InputError on blocks that are not within the
/// file, lie over each other, are packed, or whose checksum is another, on keys out of order, and
/// on more than kMaxTensors of them.
std::vector<std::pair<std::string, std::string>> read_sorted_table(const WeightsFile& file);

}  // namespace vitro::converter
