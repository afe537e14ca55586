// SPDX-License-Identifier: Apache-2.0
// The converter's only exception: it names a file, what is wrong with it, and what to do about it.
#pragma once

#include <stdexcept>
#include <string>

#include "converter/base/shown.h"

namespace vitro {

/// Thrown for input that is refused. `what()` is a single line, "FILE: FAULT; REMEDY", that is safe
/// to show to the user, whatever foreign text it contains.
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& file, const std::string& fault, const std::string& remedy)
      : std::runtime_error(
            shown(file + ": " + fault + (remedy.empty() ? "" : "; " + remedy), kMost)) {}

 private:
  static constexpr size_t kMost = 10'000;  // characters: a line of a file may have megabytes
};

}  // namespace vitro
