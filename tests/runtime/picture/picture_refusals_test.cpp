// SPDX-License-Identifier: Apache-2.0
// What vitro_picture.h refuses, with which status and sentence; bounds in pairs.
#include <cstring>
#include <functional>
#include <limits>
#include <string>

#include <gtest/gtest.h>

#include "tests/runtime/picture/frames.h"

namespace vitro {

namespace {

constexpr size_t kHuge = std::numeric_limits<size_t>::max();

vitro_preprocessing plain() { return preprocessing(VITRO_RESIZE_SHORTER_SIDE, 20, 20, 16, 16); }

vitro_frame nv12() {
  vitro_frame f{};
  f.width = 33;
  f.height = 21;
  f.format = VITRO_PIXELS_NV12;
  f.colours = VITRO_COLOURS_BT709;
  return f;
}

// The sentence; empty where it is accepted.
std::string fault(const vitro_preprocessing& p, const vitro_frame& f) {
  vitro_picture_info info{};
  const vitro_status status = vitro_picture_plan(&p, &f, &info);
  alignas(VITRO_ALIGNMENT) static uint8_t workspace[1 << 16];
  vitro_picture* picture = nullptr;
  const vitro_status bound = vitro_picture_bind(&p, &f, workspace, sizeof workspace, &picture);
  if (status == VITRO_OK) {
    EXPECT_EQ(info.fault, nullptr);
    EXPECT_TRUE(bound == VITRO_OK || info.workspace_bytes > sizeof workspace);
    return "";
  }
  EXPECT_EQ(status, VITRO_BAD_PICTURE);
  EXPECT_EQ(bound, VITRO_BAD_PICTURE);
  EXPECT_EQ(picture, nullptr);
  EXPECT_EQ(info.workspace_bytes, 0u);
  return info.fault ? info.fault : "no sentence";
}

std::string frame_fault(const std::function<void(vitro_frame&)>& change) {
  vitro_frame f = nv12();
  change(f);
  return fault(plain(), f);
}

std::string preprocessing_fault(const std::function<void(vitro_preprocessing&)>& change) {
  vitro_preprocessing p = plain();
  change(p);
  return fault(p, nv12());
}

TEST(PictureRefusals, Frames) {
  const auto sides = "the frame has a side that is not 1 to 65535 pixels";
  EXPECT_EQ(frame_fault([](auto&) {}), "");
  EXPECT_EQ(frame_fault([](auto& f) { f.width = 0; }), sides);
  EXPECT_EQ(frame_fault([](auto& f) { f.height = 0; }), sides);
  EXPECT_EQ(frame_fault([](auto& f) { f.width = f.height = 65535; }), "");
  EXPECT_EQ(frame_fault([](auto& f) { f.width = 65536; }), sides);
  EXPECT_EQ(frame_fault([](auto& f) { f.height = kHuge; }), sides);
  const auto format = "there is no such pixel format";
  EXPECT_EQ(frame_fault([](auto& f) { f.format = static_cast<vitro_pixel_format>(9); }), format);
  EXPECT_EQ(frame_fault([](auto& f) { f.format = static_cast<vitro_pixel_format>(-1); }), format);
  EXPECT_EQ(frame_fault([](auto& f) { f.colours = VITRO_COLOURS_UNSTATED; }),
            "colours are not stated: BT.601 or BT.709, limited or full range");
  EXPECT_EQ(frame_fault([](auto& f) { f.colours = static_cast<vitro_colours>(5); }),
            "there are no such colours");
  EXPECT_EQ(frame_fault(
                [](auto& f) { f.format = VITRO_PIXELS_GREY, f.colours = VITRO_COLOURS_UNSTATED; }),
            "");
  for (const unsigned good : {0u, 90u, 180u, 270u})
    EXPECT_EQ(frame_fault([&](auto& f) { f.rotation = good; }), "");
  for (const unsigned bad : {1u, 45u, 360u, 0u - 90u})
    EXPECT_EQ(frame_fault([&](auto& f) { f.rotation = bad; }),
              "the rotation is not 0, 90, 180 or 270 degrees");
}

TEST(PictureRefusals, Strides) {
  const auto narrow = "a stride is shorter than a line";
  EXPECT_EQ(frame_fault([](auto& f) { f.strides[0] = 33; }), "");
  EXPECT_EQ(frame_fault([](auto& f) { f.strides[0] = 32; }), narrow);
  EXPECT_EQ(frame_fault([](auto& f) { f.strides[1] = 34; }), "");
  EXPECT_EQ(frame_fault([](auto& f) { f.strides[1] = 33; }), narrow);
  EXPECT_EQ(frame_fault([](auto& f) { f.strides[2] = 34; }),
            "a stride of a plane that the format does not have");
  const struct {
    vitro_pixel_format format;
    size_t least[3];
  } formats[] = {{VITRO_PIXELS_RGB, {99, 0, 0}},    {VITRO_PIXELS_BGRA, {132, 0, 0}},
                 {VITRO_PIXELS_GREY, {33, 0, 0}},   {VITRO_PIXELS_NV21, {33, 34, 0}},
                 {VITRO_PIXELS_I420, {33, 17, 17}}, {VITRO_PIXELS_YUYV, {68, 0, 0}}};
  for (const auto& c : formats)
    for (size_t i = 0; i < 3 && c.least[i]; ++i) {
      const auto change = [&](size_t stride) {
        return frame_fault([&](auto& f) { f.format = c.format, f.strides[i] = stride; });
      };
      EXPECT_EQ(change(c.least[i]), "") << c.format << " " << i;
      EXPECT_EQ(change(c.least[i] - 1), narrow) << c.format << " " << i;
      EXPECT_EQ(change(kHuge), "") << c.format << " " << i;
    }
}

TEST(PictureRefusals, Regions) {
  const auto region = [](size_t left, size_t top, size_t width, size_t height) {
    return frame_fault([&](auto& f) {
      f.region_left = left, f.region_top = top, f.region_width = width, f.region_height = height;
    });
  };
  const auto outside = "the region is not within the frame";
  EXPECT_EQ(region(32, 20, 1, 1), "");
  EXPECT_EQ(region(33, 20, 1, 1), outside);
  EXPECT_EQ(region(32, 21, 1, 1), outside);
  EXPECT_EQ(region(32, 20, 2, 1), outside);
  EXPECT_EQ(region(32, 20, 1, 2), outside);
  EXPECT_EQ(region(kHuge, 0, 2, 1), outside);
  EXPECT_EQ(region(1, 0, kHuge, 1), outside);
  EXPECT_EQ(region(0, 1, 1, kHuge), outside);
  EXPECT_EQ(region(0, 0, 1, 0), "the region has a side of 0 pixels");
  EXPECT_EQ(region(0, 0, 0, 1), "the region has a side of 0 pixels");
  EXPECT_EQ(region(1, 0, 0, 0), "the region has a corner, but no sides");
}

TEST(PictureRefusals, Preprocessing) {
  const auto window = "the program's picture has a side that is not 1 to 4096 pixels";
  const auto resize = "preprocessing resizes to a side that is not 1 to 4096 pixels";
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.image_width = 0; }), window);
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.image_height = 4096; }), "");
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.image_height = 4097; }), window);
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.resize_width = 0; }), resize);
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.resize_height = kHuge; }), resize);
  EXPECT_EQ(preprocessing_fault(
                [](auto& p) { p.mode = VITRO_RESIZE_NONE, p.resize_width = p.resize_height = 0; }),
            "");
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.mode = static_cast<vitro_resize_mode>(5); }),
            "there is no such resize mode");
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.filter = static_cast<vitro_resize_filter>(6); }),
            "there is no such filter");
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.centring = static_cast<vitro_centring>(2); }),
            "there is no such way of centring");
  EXPECT_EQ(preprocessing_fault([](auto& p) { p.passes = static_cast<vitro_pass_order>(2); }),
            "there is no such order of passes");
  vitro_preprocessing p = preprocessing(VITRO_RESIZE_LONGER_SIDE, 16, 16, 16, 16);
  vitro_frame f = nv12();
  f.width = 65535, f.height = 1;
  EXPECT_EQ(fault(p, f), "the frame is so narrow that nothing is left of its shorter side");
}

TEST(PictureRefusals, Workspaces) {
  const vitro_preprocessing p = plain();
  const vitro_frame f = nv12();
  vitro_picture_info info{};
  ASSERT_EQ(vitro_picture_plan(&p, &f, &info), VITRO_OK);
  GuardedMemory memory(info.workspace_bytes + VITRO_ALIGNMENT);
  vitro_picture* picture = nullptr;
  const auto bind = [&](size_t offset, size_t bytes) {
    return vitro_picture_bind(&p, &f, memory.data() + offset, bytes, &picture);
  };
  EXPECT_EQ(bind(0, info.workspace_bytes), VITRO_OK);
  EXPECT_NE(picture, nullptr);
  EXPECT_EQ(bind(0, info.workspace_bytes - 1), VITRO_WORKSPACE_TOO_SMALL);
  EXPECT_EQ(picture, nullptr);
  EXPECT_EQ(bind(0, 0), VITRO_WORKSPACE_TOO_SMALL);
  EXPECT_EQ(bind(16, info.workspace_bytes), VITRO_WORKSPACE_MISALIGNED);
  EXPECT_EQ(vitro_picture_bind(&p, &f, nullptr, info.workspace_bytes, &picture),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_bind(&p, &f, memory.data(), info.workspace_bytes, nullptr),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_bind(nullptr, &f, memory.data(), info.workspace_bytes, &picture),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_plan(&p, nullptr, &info), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_plan(&p, &f, nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_STRNE(vitro_status_text(VITRO_WORKSPACE_TOO_SMALL), "unknown status");
  EXPECT_STRNE(vitro_status_text(VITRO_WORKSPACE_MISALIGNED), "unknown status");
  EXPECT_STRNE(vitro_status_text(VITRO_BAD_PICTURE), "unknown status");
}

class Bound : public testing::Test {
 protected:
  Bound() {
    source_.frame.region_top = 4;
    source_.frame.region_left = 2;
    source_.frame.region_width = 20;
    source_.frame.region_height = 10;
    vitro_picture_plan(&p_, &source_.frame, &info_);
    memory_ = std::make_unique<GuardedMemory>(info_.workspace_bytes);
    vitro_picture_bind(&p_, &source_.frame, memory_->data(), info_.workspace_bytes, &picture_);
  }
  vitro_status line(size_t y) {
    const uint8_t* lines[3] = {source_.line(0, 0), source_.line(1, 0), nullptr};
    return vitro_picture_line(picture_, y, lines);
  }

  vitro_preprocessing p_ = plain();
  NoisyFrame source_{VITRO_PIXELS_NV12, 33, 21, 7};
  vitro_picture_info info_{};
  std::unique_ptr<GuardedMemory> memory_;
  vitro_picture* picture_ = nullptr;
  Bytes pixels_ = Bytes(16 * 16 * 3);
};

TEST_F(Bound, Planes) {
  const auto convert = [&](const vitro_planes& planes) {
    return vitro_picture_convert(picture_, &planes, pixels_.data(), pixels_.size());
  };
  vitro_planes planes = source_.planes;
  EXPECT_EQ(convert(planes), VITRO_OK);
  for (size_t i = 0; i < 2; ++i) {
    planes = source_.planes;
    planes.bytes[i] -= 1;
    EXPECT_EQ(convert(planes), VITRO_BAD_ARGUMENT) << i;
    planes.bytes[i] = 0;
    EXPECT_EQ(convert(planes), VITRO_BAD_ARGUMENT) << i;
  }
  planes = source_.planes;
  planes.data[0] = nullptr;
  EXPECT_EQ(convert(planes), VITRO_BAD_ARGUMENT);
  // The second plane behind the first: the first plane's last line needs its gap, too.
  const size_t first = source_.stride(0) * 21, both = first + source_.planes.bytes[1];
  GuardedMemory all(both);
  all.fill(1);
  EXPECT_EQ(convert({{all.data(), nullptr, nullptr}, {both, 0, 0}}), VITRO_OK);
  EXPECT_EQ(convert({{all.data(), nullptr, nullptr}, {both - 1, 0, 0}}), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(convert({{all.data(), nullptr, nullptr}, {first - 1, 0, 0}}), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_convert(picture_, nullptr, pixels_.data(), pixels_.size()),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_convert(nullptr, &planes, pixels_.data(), pixels_.size()),
            VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_convert(picture_, &source_.planes, nullptr, pixels_.size()),
            VITRO_BAD_ARGUMENT);
  for (const size_t bytes : {pixels_.size() - 1, pixels_.size() + 1})
    EXPECT_EQ(vitro_picture_convert(picture_, &source_.planes, pixels_.data(), bytes),
              VITRO_BAD_ARGUMENT);
}

TEST_F(Bound, LinesOutOfOrder) {
  EXPECT_EQ(info_.first_row, 4u);
  EXPECT_EQ(info_.end_row, 14u);
  EXPECT_EQ(line(4), VITRO_BAD_ARGUMENT) << "before the start";
  EXPECT_FALSE(vitro_picture_complete(picture_));
  ASSERT_EQ(vitro_picture_start(picture_, pixels_.data(), pixels_.size()), VITRO_OK);
  EXPECT_EQ(line(5), VITRO_BAD_ARGUMENT) << "line 4 is missing";
  EXPECT_EQ(line(2), VITRO_OK) << "not needed";
  EXPECT_EQ(line(4), VITRO_OK);
  EXPECT_EQ(line(4), VITRO_BAD_ARGUMENT) << "twice";
  EXPECT_EQ(line(3), VITRO_BAD_ARGUMENT) << "backwards";
  EXPECT_EQ(line(6), VITRO_BAD_ARGUMENT) << "line 5 is missing";
  EXPECT_EQ(line(20), VITRO_BAD_ARGUMENT) << "lines are missing";
  for (size_t y = 5; y < 14; ++y) {
    EXPECT_FALSE(vitro_picture_complete(picture_));
    EXPECT_EQ(line(y), VITRO_OK) << y;
  }
  EXPECT_TRUE(vitro_picture_complete(picture_));
  EXPECT_EQ(line(20), VITRO_OK) << "not needed";
  EXPECT_EQ(line(21), VITRO_BAD_ARGUMENT) << "past the end";
  const uint8_t* no_chroma[3] = {source_.line(0, 0), nullptr, nullptr};
  ASSERT_EQ(vitro_picture_start(picture_, pixels_.data(), pixels_.size()), VITRO_OK);
  EXPECT_EQ(vitro_picture_line(picture_, 4, no_chroma), VITRO_BAD_ARGUMENT);
  EXPECT_EQ(vitro_picture_line(picture_, 4, nullptr), VITRO_BAD_ARGUMENT);
  EXPECT_FALSE(vitro_picture_complete(nullptr));
}

}  // namespace

}  // namespace vitro
