// The one exception of the converter: what file, what is wrong with it, what to do about it.
#pragma once

#include <stdexcept>
#include <string>

namespace vitro {

/// Input that is refused. `what()` reads "FILE: FAULT; REMEDY" and is shown to the user as it is.
class InputError : public std::runtime_error {
 public:
  InputError(const std::string& file, const std::string& fault, const std::string& remedy)
      : std::runtime_error(file + ": " + fault + (remedy.empty() ? "" : "; " + remedy)) {}
};

}  // namespace vitro
