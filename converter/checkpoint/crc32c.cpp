// SPDX-License-Identifier: Apache-2.0
#include "converter/checkpoint/crc32c.h"

#include <array>

namespace vitro::converter {
namespace {

constexpr uint32_t kPolynomial = 0x82f63b78;  // reflected

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kTable = make_table();

}  // namespace

uint32_t crc32c(uint32_t before, const char* bytes, size_t count) {
  uint32_t crc = ~before;
  for (size_t i = 0; i < count; ++i)
    crc = kTable[(crc ^ static_cast<uint8_t>(bytes[i])) & 0xff] ^ crc >> 8;
  return ~crc;
}

}  // namespace vitro::converter
