// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/crc32.h"

namespace vitro {

uint32_t crc32(uint32_t crc, const void* bytes, size_t size) {
  // Of the 16 half bytes: fast enough for pictures, and 64 bytes instead of 1 KB.
  static constexpr uint32_t kHalf[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                         0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                         0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                         0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
  const uint8_t* next = static_cast<const uint8_t*>(bytes);
  crc = ~crc;
  while (size-- > 0) {
    crc ^= *next++;
    crc = crc >> 4 ^ kHalf[crc & 15];
    crc = crc >> 4 ^ kHalf[crc & 15];
  }
  return ~crc;
}

}  // namespace vitro
