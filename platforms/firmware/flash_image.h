// SPDX-License-Identifier: Apache-2.0
// The flash image: a program and prepared pictures in one blob, apart from the code, so that
// another model needs no toolchain.
//
//     header, 64 bytes | program, padded to a multiple of 64 | picture record ... picture record
//     record: name, 32 bytes, zeros behind | CRC-32 of the pixels | zeros to 64 bytes | pixels,
//     padded to a multiple of 64
//
// Numbers are 32-bit, little-endian; padding is zeros; it lies at a multiple of 64 bytes. Pixels
// are height x width x 3 uint8, RGB, row by row. The program's own checks (vitro_open, golden
// vectors) stand for a checksum of it.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

constexpr uint32_t kFlashMagic = 0x49465456;  // "VTFI"
constexpr uint32_t kFlashVersion = 1;
constexpr uint32_t kFlashBlock =
    64;  // of the header, of a record's head; what everything is padded to
constexpr uint32_t kFlashNameBytes = 32;
constexpr uint32_t kMaxPictureSide = 4096;

/// Byte offsets in the header. The rest of it is zero.
enum FlashHeader : uint32_t {
  kFlashMagicAt = 0,
  kFlashVersionAt = 4,
  kFlashTotalBytesAt = 8,     // of the whole image
  kFlashProgramBytesAt = 12,  // without padding
  kFlashPictureCountAt = 16,
  kFlashPictureSideAt = 20,  // pixels; 0 where there are no pictures, or where they are not square
  kFlashFlagsAt = 24,
  kFlashPictureWidthAt = 28,  // pixels of pictures that are not square; else 0
  kFlashPictureHeightAt = 32,
  kFlashHeaderCrcAt = 60,  // of the bytes before it
};

/// The application stops after the image's pictures instead of listening for more.
constexpr uint32_t kFlashStop = 1;

constexpr uint64_t flash_padded(uint64_t bytes) {
  return (bytes + kFlashBlock - 1) / kFlashBlock * kFlashBlock;
}
constexpr uint64_t flash_record_bytes(uint64_t width, uint64_t height) {
  return kFlashBlock + flash_padded(width * height * 3);
}

enum class FlashStatus { sound, absent, damaged };

/// Points into the memory that it was opened from.
struct FlashImage {
  const uint8_t* program;
  uint32_t program_bytes;
  const uint8_t* pictures;
  uint32_t picture_count, picture_width, picture_height;
  bool stop;
  const char* fault;  // when absent or damaged: a short sentence
};

/// Whatever the `bytes` at `data` hold: a sound image lies in them whole.
FlashStatus open_flash_image(const uint8_t* data, size_t bytes, FlashImage& image);

struct FlashPicture {
  char name[kFlashNameBytes + 1];
  const uint8_t* pixels;
  bool intact;  // the checksum is right
};

/// index < picture_count.
FlashPicture flash_picture(const FlashImage& image, uint32_t index);

/// Four bytes, little-endian.
uint32_t load_le32(const uint8_t* bytes);

}  // namespace vitro
