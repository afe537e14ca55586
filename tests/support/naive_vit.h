// SPDX-License-Identifier: Apache-2.0
// A ViT in double by the book, straight from a checkpoint with timm's names: an oracle that shares
// no code with the graph.
#pragma once

#include <cstdint>
#include <vector>

#include "converter/base/matrix.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

/// RGB of the model's size.
std::vector<uint8_t> random_picture(const RandomVit& vit, uint32_t seed);

/// `prompts` [P, dim]: tokens after the class tokens, without position.
std::vector<double> naive_vit(const Checkpoint& checkpoint, const RandomVit& vit,
                              const uint8_t* pixels, const Matrix& prompts = {});

}  // namespace vitro
