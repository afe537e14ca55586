// SPDX-License-Identifier: Apache-2.0
// Ids of WordNet's synsets, which ImageNet's lists put before the names of classes.
#pragma once

#include <string>

namespace vitro::host {

/// "n01440764" if the text begins with such an id, alone or before a space or '_'; else empty.
std::string synset_id(const std::string& text);

/// What comes after the synset id; all of it where there is no id, or nothing else.
std::string without_synset(const std::string& text);

}  // namespace vitro::host
