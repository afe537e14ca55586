// SPDX-License-Identifier: Apache-2.0
// The converter's one exception: which file, what is wrong with it, what to do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace vitro {

/// Text from a file, for a message: short and printable. (Not `quoted`, which argument-dependent
/// lookup would take for std::quoted.)
inline std::string in_quotes(const std::string& text) {
  std::string shown = "'";
  for (const char c : text.substr(0, 100)) shown += c >= ' ' && c <= '~' ? c : '?';
  return shown + (text.size() > 100 ? "...'" : "'");
}

/// Input that is refused. `what()` reads "FILE: FAULT; REMEDY" and is shown to the user as it is.
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& file, const std::string& fault, const std::string& remedy)
      : std::runtime_error(file + ": " + fault + (remedy.empty() ? "" : "; " + remedy)) {}
};

}  // namespace vitro
