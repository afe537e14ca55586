// SPDX-License-Identifier: Apache-2.0
// What people have instead of a file of weights.
#pragma once

#include <string>

namespace vitro::converter {

struct ForeignFile {
  std::string fault;  // "is a Git LFS pointer ..."; empty if nothing is recognised
  std::string remedy;
};

/// By the file's first bytes, 512 of them if there are so many.
ForeignFile recognise_foreign(const std::string& head);

}  // namespace vitro::converter
