// SPDX-License-Identifier: Apache-2.0
// Frames of noise for the tests of vitro_picture.h, and what they must become, pixel by pixel.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "tests/support/guarded_memory.h"
#include "vitro/vitro_picture.h"

namespace vitro {

using Bytes = std::vector<uint8_t>;

constexpr vitro_pixel_format kFormats[] = {VITRO_PIXELS_RGB,  VITRO_PIXELS_BGR,  VITRO_PIXELS_RGBA,
                                           VITRO_PIXELS_BGRA, VITRO_PIXELS_GREY, VITRO_PIXELS_NV12,
                                           VITRO_PIXELS_NV21, VITRO_PIXELS_I420, VITRO_PIXELS_YUYV};

/// A frame whose planes end at forbidden pages: their last line has no padding.
struct NoisyFrame {
  vitro_frame frame{};
  std::vector<std::unique_ptr<GuardedMemory>> memory;
  vitro_planes planes{};

  /// `gap`: bytes between lines.
  NoisyFrame(vitro_pixel_format format, size_t width, size_t height, size_t gap = 0);

  /// Lines of plane i.
  size_t lines(size_t plane) const;
  size_t stride(size_t plane) const;
  const uint8_t* line(size_t plane, size_t y) const;
  /// The RGB of stored pixel (x, y), by the law of colours.h.
  void pixel(size_t x, size_t y, uint8_t* rgb) const;
};

/// The frame's region in RGB, turned upright.
struct Upright {
  size_t width, height;
  Bytes rgb;
};
Upright upright(const NoisyFrame& frame);

vitro_preprocessing preprocessing(vitro_resize_mode mode, size_t resize_width, size_t resize_height,
                                  size_t width, size_t height);

/// By vitro_picture_convert in a guarded workspace of exactly the planned size. Fails the test
/// where something refuses.
Bytes convert(const vitro_preprocessing& p, const NoisyFrame& frame);
/// The same by vitro_picture_line, the lines from 0 on.
Bytes convert_lines(const vitro_preprocessing& p, const NoisyFrame& frame);
/// An upright RGB picture.
Bytes convert(const vitro_preprocessing& p, const Upright& picture);

}  // namespace vitro
