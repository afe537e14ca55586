// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/synset.h"

#include <algorithm>

namespace vitro::host {

std::string synset_id(const std::string& text) {
  const bool shaped =
      text.size() >= 9 && (text[0] == 'n' || text[0] == 'N') &&
      std::all_of(text.begin() + 1, text.begin() + 9, [](char c) { return c >= '0' && c <= '9'; });
  return shaped && (text.size() == 9 || text[9] == ' ' || text[9] == '_') ? "n" + text.substr(1, 8)
                                                                          : "";
}

std::string without_synset(const std::string& text) {
  if (synset_id(text).empty()) return text;
  const size_t name = text.find_first_not_of(" _", 9);
  return name == std::string::npos ? text : text.substr(name);
}

}  // namespace vitro::host
