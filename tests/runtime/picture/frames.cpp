// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/picture/frames.h"

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

namespace vitro {

namespace {

struct Plane {
  size_t line_bytes, lines;
};

std::vector<Plane> planes_of(vitro_pixel_format format, size_t width, size_t height) {
  const size_t w2 = (width + 1) / 2, h2 = (height + 1) / 2;
  switch (format) {
    case VITRO_PIXELS_RGB:
    case VITRO_PIXELS_BGR: return {{3 * width, height}};
    case VITRO_PIXELS_RGBA:
    case VITRO_PIXELS_BGRA: return {{4 * width, height}};
    case VITRO_PIXELS_GREY: return {{width, height}};
    case VITRO_PIXELS_NV12:
    case VITRO_PIXELS_NV21: return {{width, height}, {2 * w2, h2}};
    case VITRO_PIXELS_I420: return {{width, height}, {w2, h2}, {w2, h2}};
    case VITRO_PIXELS_YUYV: return {{4 * w2, height}};
  }
  return {};
}

// By the integers of the law: BT.601, limited range, in units of 2^-20.
void rgb_of(int y, int u, int v, uint8_t* rgb) {
  const long luma = 1220945L * (y - 16) + (1L << 19);
  const long sums[3] = {luma + 1673555L * (v - 128),
                        luma - 410793L * (u - 128) - 852458L * (v - 128),
                        luma + 2115221L * (u - 128)};
  for (int c = 0; c < 3; ++c) rgb[c] = static_cast<uint8_t>(std::clamp(sums[c] >> 20, 0L, 255L));
}

}  // namespace

NoisyFrame::NoisyFrame(vitro_pixel_format format, size_t width, size_t height, size_t gap) {
  frame.width = width;
  frame.height = height;
  frame.format = format;
  if (format >= VITRO_PIXELS_NV12) frame.colours = VITRO_COLOURS_BT601;
  std::mt19937 random(static_cast<unsigned>(width * 7919 + height * 31 + gap));
  size_t i = 0;
  for (const Plane& plane : planes_of(format, width, height)) {
    const size_t stride = plane.line_bytes + gap;
    if (gap) frame.strides[i] = stride;
    memory.push_back(
        std::make_unique<GuardedMemory>(stride * (plane.lines - 1) + plane.line_bytes));
    uint8_t* data = memory.back()->data();
    // Half of it extreme, so that sums exceed a pixel's range.
    for (size_t k = 0; k < memory.back()->size(); ++k) {
      const unsigned value = random();
      data[k] = static_cast<uint8_t>(value & 256 ? (value & 512 ? 255 : 0) : value);
    }
    memory.back()->forbid_writes();
    planes.data[i] = data;
    planes.bytes[i++] = memory.back()->size();
  }
}

size_t NoisyFrame::lines(size_t plane) const {
  return planes_of(frame.format, frame.width, frame.height)[plane].lines;
}
size_t NoisyFrame::stride(size_t plane) const {
  const size_t packed = planes_of(frame.format, frame.width, frame.height)[plane].line_bytes;
  return frame.strides[plane] ? frame.strides[plane] : packed;
}
const uint8_t* NoisyFrame::line(size_t plane, size_t y) const {
  return planes.data[plane] + y * stride(plane);
}

void NoisyFrame::pixel(size_t x, size_t y, uint8_t* rgb) const {
  const uint8_t* row = line(0, y);
  switch (frame.format) {
    case VITRO_PIXELS_RGB: std::copy_n(row + 3 * x, 3, rgb); return;
    case VITRO_PIXELS_BGR: std::reverse_copy(row + 3 * x, row + 3 * x + 3, rgb); return;
    case VITRO_PIXELS_RGBA: std::copy_n(row + 4 * x, 3, rgb); return;
    case VITRO_PIXELS_BGRA: std::reverse_copy(row + 4 * x, row + 4 * x + 3, rgb); return;
    case VITRO_PIXELS_GREY: std::fill_n(rgb, 3, row[x]); return;
    case VITRO_PIXELS_NV12: {
      const uint8_t* uv = line(1, y / 2) + x / 2 * 2;
      return rgb_of(row[x], uv[0], uv[1], rgb);
    }
    case VITRO_PIXELS_NV21: {
      const uint8_t* vu = line(1, y / 2) + x / 2 * 2;
      return rgb_of(row[x], vu[1], vu[0], rgb);
    }
    case VITRO_PIXELS_I420:
      return rgb_of(row[x], line(1, y / 2)[x / 2], line(2, y / 2)[x / 2], rgb);
    case VITRO_PIXELS_YUYV: return rgb_of(row[2 * x], row[x / 2 * 4 + 1], row[x / 2 * 4 + 3], rgb);
  }
}

Upright upright(const NoisyFrame& source) {
  const vitro_frame& f = source.frame;
  const size_t w = f.region_width ? f.region_width : f.width,
               h = f.region_height ? f.region_height : f.height;
  const bool quarter = f.rotation == 90 || f.rotation == 270;
  Upright out{quarter ? h : w, quarter ? w : h, Bytes(w * h * 3)};
  for (size_t y = 0; y < out.height; ++y)
    for (size_t x = 0; x < out.width; ++x) {
      const size_t from_left = f.mirrored ? out.width - 1 - x : x;
      size_t column = from_left, row = y;
      if (f.rotation == 90) column = y, row = h - 1 - from_left;
      if (f.rotation == 180) column = w - 1 - from_left, row = h - 1 - y;
      if (f.rotation == 270) column = w - 1 - y, row = from_left;
      source.pixel(f.region_left + column, f.region_top + row,
                   out.rgb.data() + (y * out.width + x) * 3);
    }
  return out;
}

vitro_preprocessing preprocessing(vitro_resize_mode mode, size_t resize_width, size_t resize_height,
                                  size_t width, size_t height) {
  vitro_preprocessing p{};
  p.mode = mode;
  p.resize_width = resize_width;
  p.resize_height = resize_height;
  p.image_width = width;
  p.image_height = height;
  p.filter = VITRO_FILTER_BICUBIC;
  p.passes = VITRO_PASSES_PILLOW13;
  p.fill[0] = 124, p.fill[1] = 116, p.fill[2] = 104;
  return p;
}

namespace {

struct Conversion {
  std::unique_ptr<GuardedMemory> workspace;
  vitro_picture* picture = nullptr;
  vitro_picture_info info{};
};

Conversion bind(const vitro_preprocessing& p, const vitro_frame& frame) {
  Conversion bound;
  EXPECT_EQ(vitro_picture_plan(&p, &frame, &bound.info), VITRO_OK)
      << (bound.info.fault ? bound.info.fault : "");
  bound.workspace = std::make_unique<GuardedMemory>(bound.info.workspace_bytes);
  bound.workspace->fill(0xa5);
  EXPECT_EQ(vitro_picture_bind(&p, &frame, bound.workspace->data(), bound.info.workspace_bytes,
                               &bound.picture),
            VITRO_OK);
  return bound;
}

}  // namespace

Bytes convert(const vitro_preprocessing& p, const NoisyFrame& frame) {
  const Conversion bound = bind(p, frame.frame);
  GuardedMemory pixels(p.image_width * p.image_height * 3);
  // Twice: nothing of the first frame is left in the second.
  for (int i = 0; i < 2; ++i) {
    pixels.fill(0x5a);
    EXPECT_EQ(vitro_picture_convert(bound.picture, &frame.planes, pixels.data(), pixels.size()),
              VITRO_OK);
  }
  EXPECT_TRUE(vitro_picture_complete(bound.picture));
  EXPECT_TRUE(bound.workspace->guards_intact());
  EXPECT_TRUE(pixels.guards_intact());
  return {pixels.data(), pixels.data() + pixels.size()};
}

Bytes convert_lines(const vitro_preprocessing& p, const NoisyFrame& source) {
  const Conversion bound = bind(p, source.frame);
  Bytes pixels(p.image_width * p.image_height * 3, 0x5a);
  EXPECT_EQ(vitro_picture_start(bound.picture, pixels.data(), pixels.size()), VITRO_OK);
  for (size_t y = 0; y < source.frame.height; ++y) {
    EXPECT_EQ(vitro_picture_complete(bound.picture) != 0, y >= bound.info.end_row) << y;
    const uint8_t* lines[3] = {};
    for (size_t i = 0; i < source.memory.size(); ++i)
      lines[i] = source.line(i, source.lines(i) < source.frame.height ? y / 2 : y);
    EXPECT_EQ(vitro_picture_line(bound.picture, y, lines), VITRO_OK) << y;
  }
  EXPECT_TRUE(vitro_picture_complete(bound.picture));
  EXPECT_TRUE(bound.workspace->guards_intact());
  return pixels;
}

Bytes convert(const vitro_preprocessing& p, const Upright& picture) {
  vitro_frame frame{};
  frame.width = picture.width;
  frame.height = picture.height;
  const Conversion bound = bind(p, frame);
  const vitro_planes planes = {{picture.rgb.data(), nullptr, nullptr}, {picture.rgb.size(), 0, 0}};
  Bytes pixels(p.image_width * p.image_height * 3);
  EXPECT_EQ(vitro_picture_convert(bound.picture, &planes, pixels.data(), pixels.size()), VITRO_OK);
  return pixels;
}

}  // namespace vitro
