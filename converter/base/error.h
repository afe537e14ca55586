// SPDX-License-Identifier: Apache-2.0
// The converter's one exception: which file, what is wrong with it, what to do about it.
#pragma once

#include <stdexcept>
#include <string>

#include "converter/base/shown.h"

namespace vitro {

/// Input that is refused. `what()` reads "FILE: FAULT; REMEDY", is one line and is shown to the
/// user as it is, whatever foreign text it was made of.
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& file, const std::string& fault, const std::string& remedy)
      : std::runtime_error(shown(file + ": " + fault + (remedy.empty() ? "" : "; " + remedy))) {}
};

}  // namespace vitro
