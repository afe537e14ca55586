// SPDX-License-Identifier: Apache-2.0
// Writes what firmware reads: flash images (platforms/firmware/flash_image.h) and picture frames
// (picture_frame.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/base/preprocessing.h"

namespace vitro::host {

struct PreparedPicture {
  std::string name;             // at most kFlashNameBytes
  std::vector<uint8_t> pixels;  // height x width x 3, RGB
};

/// `size`: of every picture. `stop`: the board does not listen for more pictures. At most 2^32 - 1
/// bytes in all.
std::vector<uint8_t> make_flash_image(const void* program, size_t program_bytes, PixelSize size,
                                      const std::vector<PreparedPicture>& pictures, bool stop);

std::vector<uint8_t> make_frame(const PreparedPicture& picture);

/// The frame that ends a session.
std::vector<uint8_t> make_end_frame();

}  // namespace vitro::host
