// SPDX-License-Identifier: Apache-2.0
// make_pictures DIR: writes a few seeded pictures of odd sizes to DIR, as PNG, BMP and JPEG, for
// tests that must not depend on photos.
#define STB_IMAGE_WRITE_IMPLEMENTATION
#include <stb/stb_image_write.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "runtime/core/golden.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_pictures DIR\n");
    return 2;
  }
  const std::string dir = argv[1];
  constexpr int kSide = 160;
  std::vector<uint8_t> square(kSide * kSide * 3);
  bool good = true;
  for (uint32_t i = 0; i < 9; ++i) {
    vitro::golden_picture(500 + i, square.data(), square.size());
    // The same bytes with another width or height are another picture.
    const int width = i % 3 == 1 ? 128 : kSide, height = i % 3 == 2 ? 100 : kSide;
    const std::string name = dir + "/picture" + std::to_string(i);
    if (i % 3 == 0)
      good &=
          stbi_write_png((name + ".png").c_str(), width, height, 3, square.data(), width * 3) != 0;
    if (i % 3 == 1)
      good &= stbi_write_jpg((name + ".jpg").c_str(), width, height, 3, square.data(), 85) != 0;
    if (i % 3 == 2)
      good &= stbi_write_bmp((name + ".bmp").c_str(), width, height, 3, square.data()) != 0;
  }
  return good ? 0 : 1;
}
