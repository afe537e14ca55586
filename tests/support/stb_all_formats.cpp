// SPDX-License-Identifier: Apache-2.0
#include "tests/support/stb_all_formats.h"

#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wunused-function"
#include <stb/stb_image.h>
#pragma GCC diagnostic pop

bool vitro::stb_reads(const std::vector<uint8_t>& bytes) {
  int width, height, channels;
  stbi_uc* pixels = stbi_load_from_memory(bytes.data(), static_cast<int>(bytes.size()), &width,
                                          &height, &channels, 3);
  const bool read = pixels != nullptr;
  stbi_image_free(pixels);
  return read;
}
