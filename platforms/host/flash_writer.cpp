// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/flash_writer.h"

#include <algorithm>

#include "platforms/firmware/crc32.h"
#include "platforms/firmware/flash_image.h"

namespace vitro::host {

namespace {

void append_le32(std::vector<uint8_t>& bytes, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(value >> shift));
}

void append_name(std::vector<uint8_t>& bytes, const std::string& name) {
  const size_t size = std::min<size_t>(name.size(), kFlashNameBytes);
  bytes.insert(bytes.end(), name.begin(), name.begin() + static_cast<ptrdiff_t>(size));
  bytes.resize(bytes.size() + kFlashNameBytes - size);
}

void pad(std::vector<uint8_t>& bytes) {
  bytes.resize(static_cast<size_t>(flash_padded(bytes.size())));
}

}  // namespace

std::vector<uint8_t> make_flash_image(const void* program, size_t program_bytes, PixelSize size,
                                      const std::vector<PreparedPicture>& pictures, bool stop) {
  std::vector<uint8_t> bytes;
  const uint64_t total = kFlashBlock + flash_padded(program_bytes) +
                         pictures.size() * flash_record_bytes(size.width, size.height);
  if (pictures.empty()) size = {};
  const bool square = size.width == size.height;
  for (const uint64_t field :
       {uint64_t{kFlashMagic}, uint64_t{kFlashVersion}, total, uint64_t{program_bytes},
        uint64_t{pictures.size()}, uint64_t{square ? size.width : 0},
        uint64_t{stop ? kFlashStop : 0}, uint64_t{square ? 0 : size.width},
        uint64_t{square ? 0 : size.height}})
    append_le32(bytes, static_cast<uint32_t>(field));
  bytes.resize(kFlashHeaderCrcAt);
  append_le32(bytes, crc32(0, bytes.data(), bytes.size()));
  const uint8_t* const first = static_cast<const uint8_t*>(program);
  bytes.insert(bytes.end(), first, first + program_bytes);
  pad(bytes);
  for (const PreparedPicture& picture : pictures) {
    append_name(bytes, picture.name);
    append_le32(bytes, crc32(0, picture.pixels.data(), picture.pixels.size()));
    pad(bytes);
    bytes.insert(bytes.end(), picture.pixels.begin(), picture.pixels.end());
    pad(bytes);
  }
  return bytes;
}

std::vector<uint8_t> make_frame(const PreparedPicture& picture) {
  std::vector<uint8_t> bytes = {'V', 'T', 'P', 'I'};
  append_le32(bytes, static_cast<uint32_t>(picture.pixels.size()));
  append_name(bytes, picture.name);
  bytes.insert(bytes.end(), picture.pixels.begin(), picture.pixels.end());
  append_le32(bytes, crc32(0, bytes.data() + 4, bytes.size() - 4));
  return bytes;
}

std::vector<uint8_t> make_end_frame() { return make_frame({}); }

}  // namespace vitro::host
