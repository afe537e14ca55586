// SPDX-License-Identifier: Apache-2.0
// Lines of cameras' formats, taken apart into planes of red, green and blue.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vitro/vitro_picture.h"

namespace vitro::picture {

/// How a format lies in memory.
struct Format {
  uint8_t planes;
  uint8_t line_units[3];  // of each plane: bytes for each `unit` pixels of a line
  uint8_t unit[3];        // 1 or 2: the last unit of a line may have one pixel alone
  uint8_t lines[3];       // 1 or 2: lines of the frame for each line of the plane
  bool grey;              // red, green and blue are one plane
  bool chroma;            // Y, U and V
};

/// Of a vitro_pixel_format; null if there is no such format.
const Format* format_of(unsigned format);

/// The bytes of a line of plane `plane`.
inline uint64_t line_bytes(const Format& format, size_t plane, uint64_t width) {
  return (width + format.unit[plane] - 1) / format.unit[plane] * format.line_units[plane];
}

/// The law of Y, U and V, in units of 2^-20: the coefficients of ITU-R BT.601 and BT.709, rounded.
///   luma = y * (Y - black); U and V count from 128
///   red = luma + rv * V; green = luma + gu * U + gv * V; blue = luma + bu * U
/// each plus a half, shifted down and clamped. Of 2^24 triples, red and blue differ from the real
/// values' nearest in at most 34 of 65,536 ways to make them (ties), green in 643 of 2^24.
struct Matrix {
  int32_t y, rv, gu, gv, bu, black;
};
constexpr int kMatrixBits = 20;

/// Of stated colours.
const Matrix& matrix_of(vitro_colours colours);

/// The pixels of a line that are wanted.
struct Part {
  size_t first, end;  // columns; of formats with two pixels to a unit, `first` is even
};

/// Writes the planes of a part of a line: one if it is grey, else red, green, blue, `plane` bytes
/// apart. `lines` are those of vitro_picture_line().
void split_line(const vitro_frame& frame, const uint8_t* const lines[3], const Part& part,
                uint8_t* out, size_t plane);

}  // namespace vitro::picture
