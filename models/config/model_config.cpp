// SPDX-License-Identifier: Apache-2.0
#include "models/config/model_config.h"

#include "converter/base/error.h"

namespace vitro::converter {

namespace {

[[noreturn]] void differ(const std::string& path, const std::string& a, const std::string& a_source,
                         const std::string& b, const std::string& b_source) {
  throw InputError(path, a_source + " is " + a + ", but " + b_source + " is " + b,
                   "give files that belong together");
}

}  // namespace

void check_agreement(const std::string& path, const Said<size_t>& a, const Said<size_t>& b) {
  if (a && b && a.value != b.value)
    differ(path, std::to_string(a.value), a.source, std::to_string(b.value), b.source);
}

void check_agreement(const std::string& path, const Said<PixelSize>& a, const Said<PixelSize>& b) {
  if (a && b && a.value != b.value)
    differ(path, setting_of(a.value), a.source, setting_of(b.value), b.source);
}

}  // namespace vitro::converter
