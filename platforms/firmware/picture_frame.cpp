// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/picture_frame.h"

#include <string.h>

#include "platforms/firmware/board.h"
#include "platforms/firmware/crc32.h"
#include "platforms/firmware/flash_image.h"

namespace vitro {

namespace {

constexpr char kMagic[4] = {'V', 'T', 'P', 'I'};
constexpr uint32_t kWaiting = 1000;  // milliseconds; between frames it begins again
constexpr size_t kMaxSkipped = size_t{64} << 20;

void wait_for_magic() {
  for (size_t seen = 0; seen < sizeof kMagic;) {
    const int byte = board::read(kWaiting);
    if (byte < 0) continue;
    seen = byte == kMagic[seen] ? seen + 1 : byte == kMagic[0];
  }
}

bool read_bytes(uint8_t* bytes, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const int byte = board::read(kFrameTimeout);
    if (byte < 0) return false;
    bytes[i] = static_cast<uint8_t>(byte);
  }
  return true;
}

bool skip_bytes(size_t count) {
  uint8_t unused;
  while (count > 0 && read_bytes(&unused, 1)) --count;
  return count == 0;
}

}  // namespace

Received receive_picture(uint8_t* pixels, size_t bytes, Frame& frame) {
  frame = {};
  const auto refuse = [&](const char* fault) {
    frame.fault = fault;
    return Received::refused;
  };
  static constexpr char kTimeout[] = "cut short: nothing came for 2 seconds";
  wait_for_magic();
  uint8_t head[4 + kFrameNameBytes], checksum[4];
  if (!read_bytes(head, sizeof head)) return refuse(kTimeout);
  memcpy(frame.name, head + 4, kFrameNameBytes);
  const size_t count = load_le32(head);
  if (count != 0 && count != bytes) {
    const bool skipped = count <= kMaxSkipped && skip_bytes(count + sizeof checksum);
    return refuse(skipped ? "not of the program's picture size"
                          : "not of the program's picture size, and cut short");
  }
  if (!read_bytes(pixels, count) || !read_bytes(checksum, sizeof checksum)) return refuse(kTimeout);
  if (load_le32(checksum) != crc32(crc32(0, head, sizeof head), pixels, count))
    return refuse("the checksum is wrong: bytes were lost or changed on the way");
  return count == 0 ? Received::end : Received::picture;
}

}  // namespace vitro
