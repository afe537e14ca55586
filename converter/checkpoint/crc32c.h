// SPDX-License-Identifier: Apache-2.0
// CRC-32C (RFC 3720, appendix B.4), as LevelDB's tables and TensorFlow's checkpoints have it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace vitro::converter {

/// Of all bytes so far, where `before` is that of those before; 0 at the beginning.
uint32_t crc32c(uint32_t before, const char* bytes, size_t count);

/// As it is stored: rotated and shifted, so that a checksum over checksums is sound.
inline uint32_t masked_crc32c(uint32_t crc) { return (crc >> 15 | crc << 17) + 0xa282ead8u; }

}  // namespace vitro::converter
