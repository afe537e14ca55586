// SPDX-License-Identifier: Apache-2.0
// Golden vectors: their pictures, generated so that a program need not carry them, and the digests
// of what they give.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

// Fills an RGB picture, height x width x 3, with smooth random colours: corner colours of 32-pixel
// cells from a xorshift32 generator, blended bilinearly in integers, plus 5 bits of noise. The same
// bytes everywhere for a seed.
void golden_picture(uint32_t seed, uint8_t* picture, size_t height, size_t width);

// Likewise a square picture of `bytes` = size * size * 3.
inline void golden_picture(uint32_t seed, uint8_t* picture, size_t bytes) {
  size_t size = 1;
  while (size * size * 3 < bytes) ++size;
  golden_picture(seed, picture, size, size);
}

// The 64-bit FNV-1a hash of `bytes` bytes (http://www.isthe.com/chongo/tech/comp/fnv): Golden's
// digests in program.fbs.
uint64_t output_digest(const void* values, size_t bytes);

}  // namespace vitro
