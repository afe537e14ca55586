// SPDX-License-Identifier: Apache-2.0
// Every format, rotation and region: the frame, taken apart pixel by pixel and turned, and resized
// as an upright RGB picture, must give the same bytes. That those are Pillow's, pillow.resize and
// pillow.frames see to.
#include <cmath>

#include <gtest/gtest.h>

#include "tests/runtime/picture/frames.h"

namespace vitro {

namespace {

constexpr size_t kSides[][2] = {{1, 1}, {2, 3}, {5, 2}, {17, 13}, {64, 48}, {75, 101}, {133, 40}};

std::string frame_name(const vitro_frame& f) {
  return "format " + std::to_string(f.format) + ", " + std::to_string(f.width) + " x " +
         std::to_string(f.height) + ", turned by " + std::to_string(f.rotation) +
         (f.mirrored ? ", mirrored" : "") + ", region " + std::to_string(f.region_width) + " x " +
         std::to_string(f.region_height) + " at " + std::to_string(f.region_left) + ", " +
         std::to_string(f.region_top);
}

void compare(const vitro_preprocessing& p, const NoisyFrame& source) {
  const Bytes expected = convert(p, upright(source));
  ASSERT_EQ(convert(p, source), expected) << frame_name(source.frame);
  ASSERT_EQ(convert_lines(p, source), expected) << frame_name(source.frame);
}

TEST(Picture, FormatsRotationsAndMirrors) {
  const vitro_preprocessing p = preprocessing(VITRO_RESIZE_EXACT, 24, 20, 24, 20);
  for (const vitro_pixel_format format : kFormats)
    for (const auto& side : kSides)
      for (unsigned turn = 0; turn < 8; ++turn) {
        NoisyFrame source(format, side[0], side[1], turn % 3 == 0 ? 0 : turn * 5);
        source.frame.rotation = turn / 2 * 90;
        source.frame.mirrored = turn % 2;
        compare(p, source);
      }
}

TEST(Picture, Regions) {
  const vitro_preprocessing p = preprocessing(VITRO_RESIZE_SHORTER_SIDE, 21, 21, 17, 19);
  struct {
    size_t left, top, width, height;
  } const regions[] = {{0, 0, 75, 101}, {1, 1, 74, 100}, {74, 100, 1, 1}, {3, 5, 40, 31},
                       {33, 0, 42, 77}, {0, 99, 75, 2},  {10, 7, 1, 60}};
  for (const vitro_pixel_format format : kFormats)
    for (const auto& region : regions)
      for (const unsigned rotation : {0u, 90u, 180u, 270u}) {
        NoisyFrame source(format, 75, 101, 3);
        source.frame.region_left = region.left;
        source.frame.region_top = region.top;
        source.frame.region_width = region.width;
        source.frame.region_height = region.height;
        source.frame.rotation = rotation;
        source.frame.mirrored = rotation == 90;
        compare(p, source);
      }
}

TEST(Picture, ModesFiltersAndPasses) {
  for (const int mode : {0, 1, 2, 3, 4})
    for (int filter = 0; filter < 6; ++filter)
      for (int passes = 0; passes < 2; ++passes) {
        vitro_preprocessing p =
            preprocessing(static_cast<vitro_resize_mode>(mode), 31, mode ? 26 : 31, 30, 35);
        p.filter = static_cast<vitro_resize_filter>(filter);
        p.passes = static_cast<vitro_pass_order>(passes);
        p.centring = static_cast<vitro_centring>(passes);
        for (const auto format : {VITRO_PIXELS_NV12, VITRO_PIXELS_GREY}) {
          NoisyFrame source(format, 47, 133);  // columns first by Pillow 13's order
          source.frame.rotation = static_cast<unsigned>(filter % 4) * 90;
          compare(p, source);
        }
      }
}

// Nothing to resize: the pixels themselves.
TEST(Picture, KnownPixels) {
  const vitro_preprocessing p = preprocessing(VITRO_RESIZE_NONE, 0, 0, 2, 1);
  vitro_frame frame{};
  frame.width = 2;
  frame.height = 1;
  frame.format = VITRO_PIXELS_YUYV;
  const uint8_t yuyv[] = {81, 90, 145, 240};  // red and a bright mixture, BT.601 limited
  const vitro_planes planes = {{yuyv, nullptr, nullptr}, {4, 0, 0}};
  alignas(VITRO_ALIGNMENT) uint8_t workspace[1024];
  const struct {
    vitro_colours colours;
    uint8_t rgb[6];
  } known[] = {
      // Full range: 81 + 1.402 * 112, 81 + 0.3441 * 38 - 0.7141 * 112, 81 - 1.772 * 38.
      // Limited: (81 - 16) * 1.1644 + 1.5960 * 112 = 254.4, and so on.
      {VITRO_COLOURS_BT601, {254, 0, 0, 255, 74, 74}},
      {VITRO_COLOURS_BT601_FULL, {238, 14, 14, 255, 78, 78}},
  };
  for (const auto& k : known) {
    frame.colours = k.colours;
    vitro_picture* picture = nullptr;
    ASSERT_EQ(vitro_picture_bind(&p, &frame, workspace, sizeof workspace, &picture), VITRO_OK);
    uint8_t rgb[6];
    ASSERT_EQ(vitro_picture_convert(picture, &planes, rgb, sizeof rgb), VITRO_OK);
    for (int i = 0; i < 6; ++i) EXPECT_EQ(rgb[i], k.rgb[i]) << k.colours << " " << i;
  }
}

// One buffer with all planes, as cameras give it.
TEST(Picture, PlanesThatFollowEachOther) {
  const vitro_preprocessing p = preprocessing(VITRO_RESIZE_EXACT, 16, 16, 16, 16);
  for (const vitro_pixel_format format : {VITRO_PIXELS_NV12, VITRO_PIXELS_I420}) {
    NoisyFrame source(format, 33, 21);
    Bytes all;
    for (size_t i = 0; i < source.memory.size(); ++i)
      all.insert(all.end(), source.planes.data[i], source.planes.data[i] + source.planes.bytes[i]);
    const Bytes expected = convert(p, source);
    source.planes = {{all.data(), nullptr, nullptr}, {all.size(), 0, 0}};
    EXPECT_EQ(convert(p, source), expected);
  }
}

TEST(Picture, TheWorkspaceIsSmall) {
  vitro_frame qvga{};
  qvga.width = 320;
  qvga.height = 240;
  qvga.format = VITRO_PIXELS_YUYV;
  qvga.colours = VITRO_COLOURS_BT601;
  vitro_preprocessing p = preprocessing(VITRO_RESIZE_EXACT, 96, 96, 96, 96);
  p.filter = VITRO_FILTER_BILINEAR;
  vitro_picture_info info{};
  ASSERT_EQ(vitro_picture_plan(&p, &qvga, &info), VITRO_OK);
  EXPECT_LE(info.workspace_bytes, 10u << 10);
  EXPECT_EQ(info.first_row, 0u);
  EXPECT_EQ(info.end_row, 240u);
}

}  // namespace

}  // namespace vitro
