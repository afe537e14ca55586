// SPDX-License-Identifier: Apache-2.0
// Y, U and V of all values against the standards' real numbers.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "tests/runtime/picture/frames.h"

namespace vitro {

namespace {

struct Standard {
  vitro_colours colours;
  double kr, kb;
  bool full;
};

class Colours : public testing::TestWithParam<Standard> {};

// ITU-R BT.601-7 and BT.709-6: what Y, U and V are made of, solved for red, green and blue.
void exact(const Standard& s, int y, int u, int v, double* rgb) {
  const double kg = 1 - s.kr - s.kb;
  const double luma = s.full ? y : (y - 16) * 255.0 / 219, scale = (s.full ? 1 : 255.0 / 224);
  const double red = 2 * (1 - s.kr) * (v - 128) * scale, blue = 2 * (1 - s.kb) * (u - 128) * scale;
  rgb[0] = luma + red;
  rgb[2] = luma + blue;
  rgb[1] = luma - s.kb / kg * blue - s.kr / kg * red;
}

// A line of all luma values, for every fourth U and V.
TEST_P(Colours, AreTheNearest) {
  constexpr size_t kWidth = 512;
  vitro_frame frame{};
  frame.width = kWidth;
  frame.height = 1;
  frame.format = VITRO_PIXELS_YUYV;
  frame.colours = GetParam().colours;
  const vitro_preprocessing p = preprocessing(VITRO_RESIZE_NONE, 0, 0, kWidth, 1);
  vitro_picture_info info{};
  ASSERT_EQ(vitro_picture_plan(&p, &frame, &info), VITRO_OK);
  GuardedMemory workspace(info.workspace_bytes);
  vitro_picture* picture = nullptr;
  ASSERT_EQ(vitro_picture_bind(&p, &frame, workspace.data(), workspace.size(), &picture), VITRO_OK);
  uint8_t yuyv[2 * kWidth], rgb[3 * kWidth];
  const vitro_planes planes = {{yuyv, nullptr, nullptr}, {sizeof yuyv, 0, 0}};
  size_t others = 0, all = 0;
  double worst = 0;
  for (int u = 0; u < 256; u += u == 252 ? 3 : 4)
    for (int v = 0; v < 256; v += v == 252 ? 3 : 4) {
      for (size_t i = 0; i < kWidth; ++i) {
        yuyv[2 * i] = static_cast<uint8_t>(i / 2);
        yuyv[2 * i + 1] = static_cast<uint8_t>(i % 2 ? v : u);
      }
      ASSERT_EQ(vitro_picture_convert(picture, &planes, rgb, sizeof rgb), VITRO_OK);
      for (int y = 0; y < 256; ++y) {
        double real[3];
        exact(GetParam(), y, u, v, real);
        for (int c = 0; c < 3; ++c) {
          const double inside = std::clamp(real[c], 0.0, 255.0);
          const uint8_t left = rgb[6 * y + c], right = rgb[6 * y + 3 + c];
          ASSERT_EQ(left, right);
          worst = std::max(worst, std::fabs(left - inside));
          others += left != static_cast<uint8_t>(inside + 0.5);
          ++all;
        }
      }
    }
  // Coefficients are off by 2^-21 at most, Y - 16 is at most 239, U and V 128 from their centre.
  EXPECT_LE(worst, 0.5 + (239 + 2 * 128) / 2097152.0);
  EXPECT_LE(others * 10000, all) << others << " of " << all;
}

std::string standard_name(const testing::TestParamInfo<Standard>& info) {
  return (info.param.kr == 0.299 ? "Bt601" : "Bt709") + std::string(info.param.full ? "Full" : "");
}

INSTANTIATE_TEST_SUITE_P(Standards, Colours,
                         testing::Values(Standard{VITRO_COLOURS_BT601, 0.299, 0.114, false},
                                         Standard{VITRO_COLOURS_BT601_FULL, 0.299, 0.114, true},
                                         Standard{VITRO_COLOURS_BT709, 0.2126, 0.0722, false},
                                         Standard{VITRO_COLOURS_BT709_FULL, 0.2126, 0.0722, true}),
                         standard_name);

}  // namespace

}  // namespace vitro
