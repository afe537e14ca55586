// SPDX-License-Identifier: Apache-2.0
// The same random ViT under the names of everybody who saves one, written without a look at the
// converter's tables.
#pragma once

#include <string>
#include <vector>

#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

struct Spelled {
  std::string name;
  Checkpoint checkpoint;
};

/// All spellings that can express the model (Hugging Face and torchvision have no mean pooling,
/// torchvision and JAX no distillation token); timm's is the first.
std::vector<Spelled> spellings_of(const RandomVit& vit);

Checkpoint with_prefix(const Checkpoint& checkpoint, const std::string& prefix);

}  // namespace vitro
