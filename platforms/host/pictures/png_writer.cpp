// SPDX-License-Identifier: Apache-2.0
// PNG (third edition), with zlib's stream (RFC 1950) of stored blocks (RFC 1951, 3.2.4). Not by
// stb_image_write, which writes through a null pointer where memory is refused.
#include "platforms/host/pictures/png_writer.h"

#include <algorithm>
#include <cstdint>

#include "platforms/firmware/crc32.h"

namespace vitro::host {

namespace {

constexpr size_t kStoredBlock = 65535;  // bytes at most
constexpr uint32_t kAdlerModulus = 65521;

void append_word(std::string& to, uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 255);
}

void append_chunk(std::string& to, const char* type, const std::string& data) {
  append_word(to, static_cast<uint32_t>(data.size()));
  const std::string body = type + data;
  to += body;
  append_word(to, crc32(0, body.data(), body.size()));
}

uint32_t adler32(const std::string& bytes) {
  uint32_t a = 1, b = 0;
  for (const char byte : bytes) {
    a = (a + static_cast<uint8_t>(byte)) % kAdlerModulus;
    b = (b + a) % kAdlerModulus;
  }
  return b << 16 | a;
}

std::string stored(const std::string& bytes) {
  std::string out = "\x78\x01";
  for (size_t at = 0; at < bytes.size(); at += kStoredBlock) {
    const size_t size = std::min(kStoredBlock, bytes.size() - at);
    out += at + size == bytes.size() ? '\1' : '\0';
    for (const size_t value : {size, ~size}) {
      out += static_cast<char>(value & 255);
      out += static_cast<char>(value >> 8 & 255);
    }
    out.append(bytes, at, size);
  }
  append_word(out, adler32(bytes));
  return out;
}

}  // namespace

std::string png_of(const Picture& picture) {
  std::string header;
  append_word(header, static_cast<uint32_t>(picture.width));
  append_word(header, static_cast<uint32_t>(picture.height));
  header.append("\x08\x02\0\0\0", 5);  // 8 bits, RGB
  std::string rows;
  const auto* const pixels = reinterpret_cast<const char*>(picture.rgb.data());
  for (size_t y = 0; y < picture.height; ++y) {
    rows += '\0';  // no filter
    rows.append(pixels + y * picture.width * 3, picture.width * 3);
  }
  std::string out = "\x89PNG\r\n\x1a\n";
  append_chunk(out, "IHDR", header);
  append_chunk(out, "IDAT", stored(rows));
  append_chunk(out, "IEND", "");
  return out;
}

}  // namespace vitro::host
