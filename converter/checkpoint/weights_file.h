// SPDX-License-Identifier: Apache-2.0
// A file of weights, read in pieces.
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

namespace vitro::converter {

constexpr char kRemedyDamaged[] = "the file is damaged or incomplete: copy or download it again";
constexpr size_t kMaxTensors =
    100'000;  // of one file; the largest vision transformers have some thousands

class WeightsFile {
 public:
  /// Throws InputError if there is no such regular file, if it cannot be opened, or if it is empty.
  explicit WeightsFile(const std::string& path);

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  /// Throws InputError if the file ends before.
  void read(uint64_t offset, void* to, size_t size);
  std::string read(uint64_t offset, size_t size);
  /// Of the whole file, lower-case hex.
  std::string sha256();
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const;

 private:
  const std::string path_;
  std::ifstream file_;
  uint64_t size_ = 0;
};

}  // namespace vitro::converter
