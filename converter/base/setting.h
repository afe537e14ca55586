// SPDX-License-Identifier: Apache-2.0
// A value that decides a model's answer. It is shown to users, and kept in a program's provenance.
#pragma once

#include <string>

namespace vitro {

struct Setting {
  std::string name, value;
  std::string source;  // "config.json: num_attention_heads", "--heads", "shape of pos_embed",
                       // "assumed: 64 channels a head"
  bool assumed = false;
};

}  // namespace vitro
