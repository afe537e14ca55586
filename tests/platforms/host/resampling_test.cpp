// SPDX-License-Identifier: Apache-2.0
// The resampler: known bytes, sizes and margins rounded as in Python, and its properties.
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "platforms/host/pictures/picture.h"
#include "tests/platforms/host/noise.h"
#include "tests/support/picture_files.h"

namespace vitro {

using namespace host;

namespace {

using Bytes = std::vector<uint8_t>;

TEST(ResamplingTest, NothingToResizeIsTheIdentity) {
  for (bool bicubic : {true, false}) {
    const Picture square = noise(224, 224);
    EXPECT_EQ(preprocess(square, sizes(224, 224, bicubic)), square.rgb);
    const Picture wide = noise(35, 20);
    const Bytes crop = preprocess(wide, sizes(20, 20, bicubic));
    const size_t left = 8;  // 7.5, rounded to even
    for (size_t y = 0; y < 20; ++y) {
      for (size_t i = 0; i < 60; ++i)
        ASSERT_EQ(crop[y * 60 + i], wide.rgb[(y * 35 + left) * 3 + i]);
    }
  }
}

// The size to which a picture is resized: that of a grey picture in a larger, black window.
std::pair<size_t, size_t> resized(size_t width, size_t height, ResizeMode mode, size_t side) {
  const Picture grey{width, height, Bytes(width * height * 3, 128)};
  Preprocessing p;
  p.mode = mode;
  p.resize_width = p.resize_height = side;
  p.image_width = p.image_height = 64;
  const Bytes window = preprocess(grey, p);  // the rest is black
  size_t columns = 0, rows = 0;
  for (size_t i = 0; i < 64; ++i) {
    columns += window[(32 * 64 + i) * 3] != 0;
    rows += window[(i * 64 + 32) * 3] != 0;
  }
  return {columns, rows};
}

// torchvision's Resize(int): int(side * long / short).
TEST(ResamplingTest, TheLongerSideIsTruncated) {
  struct Case {
    size_t width, height, side, longer;
  };
  for (const Case& c : {Case{47, 33, 16, 22},  // 22.79
                        {50, 33, 16, 24},      // 24.24
                        {35, 20, 30, 52},      // 52.5
                        {37, 20, 30, 55},      // 55.5
                        {59, 20, 20, 59},
                        {100, 51, 25, 49}}) {  // 49.02
    EXPECT_EQ(resized(c.width, c.height, ResizeMode::ShorterSide, c.side),
              std::make_pair(c.longer, c.side));
    EXPECT_EQ(resized(c.height, c.width, ResizeMode::ShorterSide, c.side),
              std::make_pair(c.side, c.longer));
  }
}

// timm's letterbox: round(side * short / long), where Python rounds half to even.
TEST(ResamplingTest, TheShorterSideIsRoundedHalfToEven) {
  struct Case {
    size_t width, height, side, shorter;
  };
  for (const Case& c : {Case{40, 25, 20, 12},  // 12.5
                        {40, 27, 20, 14},      // 13.5
                        {47, 33, 16, 11},      // 11.23
                        {47, 35, 16, 12},      // 11.91
                        {64, 63, 60, 59}}) {   // 59.06
    EXPECT_EQ(resized(c.width, c.height, ResizeMode::LongerSide, c.side),
              std::make_pair(c.side, c.shorter));
    EXPECT_EQ(resized(c.height, c.width, ResizeMode::LongerSide, c.side),
              std::make_pair(c.shorter, c.side));
  }
}

TEST(ResamplingTest, CropRoundsHalfToEven) {
  for (const auto& [width, left] :
       {std::pair<size_t, size_t>{5, 0}, {6, 1}, {7, 2}, {8, 2}, {9, 2}, {11, 4}, {13, 4}}) {
    const Picture picture = noise(width, 4);
    EXPECT_EQ(preprocess(picture, sizes(4, 4))[0], picture.rgb[left * 3]) << width;
  }
}

TEST(ResamplingTest, ConstantStaysConstantForEveryShape) {
  for (const auto& [width, height] : {std::pair<size_t, size_t>{1, 1},
                                      {1, 2},
                                      {2, 1},
                                      {1, 5000},
                                      {5000, 1},
                                      {3, 3},
                                      {16384, 2},
                                      {255, 257},
                                      {299, 301},
                                      {514, 631},
                                      {997, 1009}}) {
    for (uint8_t value : {uint8_t{0}, uint8_t{1}, uint8_t{137}, uint8_t{254}, uint8_t{255}}) {
      const Picture picture{width, height, Bytes(width * height * 3, value)};
      for (bool bicubic : {true, false}) {
        EXPECT_EQ(preprocess(picture, sizes(64, 73, bicubic)), Bytes(64 * 64 * 3, value))
            << width << " x " << height;
      }
    }
  }
}

TEST(ResamplingTest, MirroredPictureGivesTheMirroredCrop) {
  // All margins are even: with an odd margin the mirrored picture differs.
  for (const auto& [width, height] :
       {std::pair<size_t, size_t>{100, 50}, {50, 100}, {7, 7}, {9, 11}, {300, 300}, {301, 283}}) {
    const Picture picture = noise(width, height);
    Picture mirrored = picture;
    for (size_t y = 0; y < height; ++y) {
      for (size_t x = 0; x < width; ++x) {
        for (size_t c = 0; c < 3; ++c)
          mirrored.rgb[(y * width + x) * 3 + c] = picture.rgb[(y * width + width - 1 - x) * 3 + c];
      }
    }
    const Preprocessing preprocessing = sizes(32, 32);
    const Bytes a = preprocess(picture, preprocessing), b = preprocess(mirrored, preprocessing);
    for (size_t y = 0; y < 32; ++y) {
      for (size_t x = 0; x < 32; ++x) {
        for (size_t c = 0; c < 3; ++c) {
          ASSERT_NEAR(a[(y * 32 + x) * 3 + c], b[(y * 32 + 31 - x) * 3 + c], 1)
              << width << " x " << height;
        }
      }
    }
  }
}

TEST(ResamplingTest, ShrinkingAntialiases) {
  Picture stripes{512, 512, Bytes(512 * 512 * 3)};
  for (size_t i = 0; i < stripes.rgb.size(); ++i) stripes.rgb[i] = i / 3 % 2 ? 255 : 0;
  for (bool bicubic : {true, false}) {
    const Bytes crop = preprocess(stripes, sizes(32, 64, bicubic));
    for (uint8_t value : crop) ASSERT_NEAR(value, 127.5, 1.0);
  }
}

TEST(ResamplingTest, KnownBytes) {
  // From Pillow 13.0: Image.resize((4, 4)) with BICUBIC and BILINEAR, of the grey 2 x 2 picture 0
  // 255 / 100 50.
  const Picture picture{2, 2, {0, 0, 0, 255, 255, 255, 100, 100, 100, 50, 50, 50}};
  const uint8_t bicubic[16] = {0, 50, 215, 255, 22, 61, 173, 212, 82, 82, 89, 89, 113, 93, 47, 28};
  const uint8_t bilinear[16] = {0,  64, 191, 255, 25,  70, 159, 204,
                                75, 82, 95,  101, 100, 88, 63,  50};
  for (size_t i = 0; i < 16; ++i) {
    EXPECT_EQ(preprocess(picture, sizes(4, 4, true))[i * 3], bicubic[i]) << i;
    EXPECT_EQ(preprocess(picture, sizes(4, 4, false))[i * 3], bilinear[i]) << i;
  }
}

TEST(ResamplingTest, RefusesSizesThatCannotBe) {
  const Picture picture = noise(8, 8);
  EXPECT_NE(refusal([&] { preprocess(picture, sizes(0, 0)); }), "");
  EXPECT_NE(refusal([&] { preprocess(picture, sizes(5000, 8)); }), "");
  EXPECT_NE(refusal([&] { preprocess(picture, sizes(8, 5000)); }), "");
  EXPECT_NE(refusal([&] { preprocess(Picture{}, sizes(8, 8)); }), "");
  EXPECT_NE(refusal([&] { preprocess(Picture{8, 8, Bytes(8)}, sizes(8, 8)); }), "");
}

}  // namespace
}  // namespace vitro
