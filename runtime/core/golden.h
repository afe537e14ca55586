// SPDX-License-Identifier: Apache-2.0
// The pictures of the golden vectors: generated, so that a program need not carry them.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

// Fills a square RGB picture of `bytes` = size * size * 3 with smooth random colours: corner
// colours of 32-pixel cells from a xorshift32 generator, blended bilinearly in integers, plus 5
// bits of noise. The same bytes everywhere for a seed.
void golden_picture(uint32_t seed, uint8_t* picture, size_t bytes);

}  // namespace vitro
