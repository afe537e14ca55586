// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/flash_image.h"

#include <string.h>

#include "platforms/firmware/crc32.h"

namespace vitro {

uint32_t load_le32(const uint8_t* bytes) {
  return uint32_t{bytes[0]} | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 |
         uint32_t{bytes[3]} << 24;
}

FlashStatus open_flash_image(const uint8_t* data, size_t bytes, FlashImage& image) {
  image = {};
  if (bytes < kFlashBlock || load_le32(data + kFlashMagicAt) != kFlashMagic) {
    image.fault = "no flash image where this board looks for one";
    return FlashStatus::absent;
  }
  const uint32_t total = load_le32(data + kFlashTotalBytesAt),
                 program = load_le32(data + kFlashProgramBytesAt);
  const uint32_t count = load_le32(data + kFlashPictureCountAt),
                 side = load_le32(data + kFlashPictureSideAt),
                 flags = load_le32(data + kFlashFlagsAt);
  const uint32_t width = side ? side : load_le32(data + kFlashPictureWidthAt),
                 height = side ? side : load_le32(data + kFlashPictureHeightAt);
  const auto damaged = [&](const char* fault) {
    image.fault = fault;
    return FlashStatus::damaged;
  };
  if (load_le32(data + kFlashHeaderCrcAt) != crc32(0, data, kFlashHeaderCrcAt))
    return damaged("the flash image's header is damaged");
  if (load_le32(data + kFlashVersionAt) != kFlashVersion || (flags & ~kFlashStop) != 0)
    return damaged("the flash image is of a newer version");
  if (width > kMaxPictureSide || height > kMaxPictureSide ||
      ((width == 0 || height == 0) && count > 0) ||
      kFlashBlock + flash_padded(program) + uint64_t{count} * flash_record_bytes(width, height) !=
          total)
    return damaged("the flash image's sizes contradict each other");
  if (total > bytes) return damaged("the flash image is larger than the memory that it is in");
  const uint8_t* const program_data = data + kFlashBlock;
  image.program = program_data;
  image.program_bytes = program;
  image.pictures = program_data + flash_padded(program);
  image.picture_count = count;
  image.picture_width = width;
  image.picture_height = height;
  image.stop = (flags & kFlashStop) != 0;
  return FlashStatus::sound;
}

FlashPicture flash_picture(const FlashImage& image, uint32_t index) {
  const uint8_t* const record =
      image.pictures +
      index * static_cast<size_t>(flash_record_bytes(image.picture_width, image.picture_height));
  FlashPicture picture{};
  memcpy(picture.name, record, kFlashNameBytes);
  picture.pixels = record + kFlashBlock;
  const size_t bytes = size_t{image.picture_width} * image.picture_height * 3;
  picture.intact = load_le32(record + kFlashNameBytes) == crc32(0, picture.pixels, bytes);
  return picture;
}

}  // namespace vitro
