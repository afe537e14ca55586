// SPDX-License-Identifier: Apache-2.0
// The same random ViT in every spelling, written independently of the converter's tables.
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

/// All spellings that can express the model; timm's is the first. Hugging Face and torchvision have
/// no mean pooling, torchvision and JAX no distillation token.
std::vector<Spelled> spellings_of(const RandomVit& vit);

Checkpoint with_prefix(const Checkpoint& checkpoint, const std::string& prefix);

}  // namespace vitro
