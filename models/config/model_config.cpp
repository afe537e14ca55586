// SPDX-License-Identifier: Apache-2.0
#include "models/config/model_config.h"

#include "converter/base/error.h"

namespace vitro::converter {

void check_agreement(const std::string& path, const Said<size_t>& a, const Said<size_t>& b) {
  if (!a || !b || a.value == b.value) return;
  throw InputError(path,
                   a.source + " is " + std::to_string(a.value) + ", but " + b.source + " is " +
                       std::to_string(b.value),
                   "give files that belong together");
}

}  // namespace vitro::converter
