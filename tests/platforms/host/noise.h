// SPDX-License-Identifier: Apache-2.0
// Pictures and preprocessing that the tests of decoding and of resampling share.
#pragma once

#include <cstdint>
#include <random>

#include "platforms/host/pictures/picture.h"

namespace vitro {

inline host::Picture noise(size_t width, size_t height, unsigned seed = 1) {
  std::mt19937 random(seed);
  host::Picture picture{width, height, std::vector<uint8_t>(width * height * 3)};
  for (uint8_t& value : picture.rgb) value = static_cast<uint8_t>(random());
  return picture;
}

inline Preprocessing sizes(size_t image_size, size_t resize, bool bicubic = true) {
  Preprocessing preprocessing;
  preprocessing.image_width = preprocessing.image_height = image_size;
  preprocessing.resize_width = preprocessing.resize_height = resize;
  preprocessing.filter = bicubic ? ResizeFilter::Bicubic : ResizeFilter::Bilinear;
  return preprocessing;
}

}  // namespace vitro
