// SPDX-License-Identifier: Apache-2.0
// A file of weights, read in pieces.
#pragma once

#include <cstdint>
#include <string>

#include "converter/base/input_file.h"

namespace vitro::converter {

constexpr char kRemedyDamaged[] = "the file is damaged or incomplete: copy or download it again";
constexpr size_t kMaxTensors =
    100'000;  // of one file; the largest vision transformers have some thousands

class WeightsFile {
 public:
  /// Throws InputError if there is no such regular file, if it cannot be opened, or if it is empty.
  explicit WeightsFile(const std::string& path);

  const std::string& path() const { return file_.path(); }
  uint64_t size() const { return file_.size(); }
  /// Throws InputError if the file ends before.
  void read(uint64_t offset, void* to, size_t size) const;
  std::string read(uint64_t offset, size_t size) const;
  /// Of the whole file, lower-case hex. Throws InputError if it was written to since it was opened,
  /// as what was read before it need not be of that hash then.
  std::string sha256() const;
  [[noreturn]] void refuse(const std::string& fault, const std::string& remedy) const;

 private:
  const InputFile file_;
};

}  // namespace vitro::converter
