// SPDX-License-Identifier: Apache-2.0
#include "runtime/core/golden.h"

namespace vitro {

namespace {

uint32_t xorshift(uint32_t x) {
  x ^= x << 13;
  x ^= x >> 17;
  return x ^ (x << 5);
}

// The colour of a cell's corner depends on where it is alone, so no row of corners need be kept.
uint32_t corner(uint32_t seed, uint32_t x, uint32_t y, uint32_t channel) {
  uint32_t h = seed * 2654435761u + x * 40503u + y * 69069u + channel * 1013904223u + 1;
  for (int i = 0; i < 3; ++i) h = xorshift(h);
  return h >> 24;
}

}  // namespace

void golden_picture(uint32_t seed, uint8_t* picture, size_t height, size_t width) {
  uint32_t noise = seed * 2u + 1u;
  for (uint32_t y = 0; y < height; ++y)
    for (uint32_t x = 0; x < width; ++x)
      for (uint32_t c = 0; c < 3; ++c) {
        const uint32_t cx = x / 32, cy = y / 32, fx = x % 32, fy = y % 32;
        const uint32_t top = corner(seed, cx, cy, c) * (32 - fx) + corner(seed, cx + 1, cy, c) * fx;
        const uint32_t bottom =
            corner(seed, cx, cy + 1, c) * (32 - fx) + corner(seed, cx + 1, cy + 1, c) * fx;
        noise = xorshift(noise);
        const uint32_t value = (top * (32 - fy) + bottom * fy) / 1024 + (noise >> 27);
        *picture++ = static_cast<uint8_t>(value < 255 ? value : 255);
      }
}

uint64_t output_digest(const void* values, size_t bytes) {
  uint64_t hash = 14695981039346656037u;
  for (const uint8_t *at = static_cast<const uint8_t*>(values), *end = at + bytes; at < end; ++at)
    hash = (hash ^ *at) * 1099511628211u;
  return hash;
}

}  // namespace vitro
