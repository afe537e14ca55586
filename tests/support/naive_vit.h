// SPDX-License-Identifier: Apache-2.0
// A ViT in double, by the textbook, directly from a checkpoint with timm's names. As an oracle, it
// shares no code with the graph.
#pragma once

#include <cstdint>
#include <vector>

#include "converter/base/matrix.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

/// An RGB picture of the model's size.
std::vector<uint8_t> random_picture(const RandomVit& vit, uint32_t seed);

/// Returns the logits. `prompts` [P, dim] are tokens that follow the class tokens and have no
/// position.
std::vector<double> naive_vit(const Checkpoint& checkpoint, const RandomVit& vit,
                              const uint8_t* pixels, const Matrix& prompts = {});

}  // namespace vitro
