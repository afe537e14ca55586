// SPDX-License-Identifier: Apache-2.0
// Settings that a model's family has, as they stand on the command line.
#pragma once

#include <string>
#include <vector>

namespace vitro::host {

/// Empty: as the model's own files say.
struct FamilyArguments {
  std::string heads, epsilon;    // short forms of `set`
  std::vector<std::string> set;  // NAME=VALUE

  bool empty() const { return heads.empty() && epsilon.empty() && set.empty(); }
};

}  // namespace vitro::host
