// SPDX-License-Identifier: Apache-2.0
// Pictures over the serial console.
//
//     "VTPI" | bytes of pixels, 32-bit little-endian | name, 32 bytes, zeros behind | pixels |
//     CRC-32 of all between "VTPI" and itself, 32-bit little-endian
//
// A frame of 0 bytes of pixels ends the session. What comes before "VTPI" is ignored. Inside a
// frame no two bytes are more than kFrameTimeout apart.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

constexpr uint32_t kFrameTimeout = 2000;  // milliseconds
constexpr uint32_t kFrameNameBytes = 32;

enum class Received { picture, end, refused };

struct Frame {
  char name[kFrameNameBytes + 1];  // empty where it did not come so far
  const char* fault;               // when refused: a short sentence
};

/// Waits for a frame and writes its `bytes` of pixels to `pixels`; after Received::refused what
/// lies there is undefined, and the rest of the frame was read where possible.
Received receive_picture(uint8_t* pixels, size_t bytes, Frame& frame);

}  // namespace vitro
