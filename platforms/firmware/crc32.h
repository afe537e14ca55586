// SPDX-License-Identifier: Apache-2.0
// CRC-32 (IEEE 802.3, as zlib's crc32): what flash images and picture frames are checked by.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

/// Goes on from `crc`, which is 0 at the start.
uint32_t crc32(uint32_t crc, const void* bytes, size_t size);

}  // namespace vitro
