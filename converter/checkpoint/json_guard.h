// SPDX-License-Identifier: Apache-2.0
// Untrusted JSON: checked against limits before it is parsed into a document.
#pragma once

#include <cstddef>
#include <string>

namespace vitro::converter {

struct JsonLimits {
  size_t depth;
  size_t values;
};

/// An empty string if `text` is well-formed JSON within the limits and no object has a key twice;
/// else the fault ("is nested too deeply"). Takes time linear in the text's length; nlohmann's
/// callback parser, which could check the same, takes more than quadratic time.
std::string json_fault(const std::string& text, const JsonLimits& limits);

}  // namespace vitro::converter
