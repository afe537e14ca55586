// SPDX-License-Identifier: Apache-2.0
// The model that adapters are applied to.
#pragma once

#include "tests/support/make_checkpoint.h"

namespace vitro::fuzz {

inline RandomVit adapted_vit() {
  RandomVit vit;
  vit.dim = 8, vit.depth = 1, vit.heads = 1, vit.hidden = 8;
  vit.image = 4, vit.patch = 4, vit.classes = 2;
  vit.names = NamingStyle::HuggingFace;
  return vit;
}

}  // namespace vitro::fuzz
