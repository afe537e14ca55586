// SPDX-License-Identifier: Apache-2.0
// Resizing a line, and blending lines: exact sums of pixels times weights of 2^-22, rounded to the
// nearest pixel. With SSE2 and NEON, weights are kept in halves of 16 bits or side by side, as the
// instructions want them.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "runtime/picture/simd.h"
#include "runtime/picture/taps.h"

namespace vitro::picture {

#if defined(VITRO_PICTURE_SSE2)
// Weights of columns in groups: of 8, the upper parts, then the lower 12 bits. Those of rows in
// pairs: both upper parts, then both lower ones.
constexpr size_t kColumnGroup = 8, kColumnBytes = 8, kRowGroup = 2;
#elif defined(VITRO_PICTURE_NEON)
constexpr size_t kColumnGroup = 4, kColumnBytes = 16, kRowGroup = 1;
#else
constexpr size_t kColumnGroup = 1, kColumnBytes = 1, kRowGroup = 1;
#endif
// Lines are blended in pieces of so many bytes, and so are the sizes of held lines.
constexpr size_t kPiece = 16;

inline size_t round_up(size_t value, size_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

/// Weights of each output along the columns, where one has at most `longest` inputs. Pixels are
/// read kColumnBytes at a time.
inline size_t column_stride(size_t longest) {
  return round_up(longest, longest <= kColumnBytes ? kColumnGroup : kColumnBytes);
}

/// The outputs along an axis. `stride` weights (4 bytes each) belong to each output, those past its
/// inputs 0; none where each output is one input.
struct Outputs {
  const uint16_t *first, *inputs;
  int32_t* weights;
  size_t count, stride;
  bool copies;

  const int32_t* weights_of(size_t output) const { return weights + output * stride; }
};

/// For make_weights, with an Outputs as `table`.
void set_column_weight(void* table, size_t output, size_t input, int32_t weight);
void set_row_weight(void* table, size_t output, size_t input, int32_t weight);

/// A line of one plane, or of three, `plane` bytes apart. Each may be read past its last input, by
/// the most that an output has, rounded up to kColumnBytes.
struct PlanarLine {
  const uint8_t* data;
  size_t plane, planes;
};

/// Pixel i of the result is `planes` bytes at out + i * step. `base`: the column at which the line
/// begins.
void resize_line(const Outputs& columns, const PlanarLine& line, size_t base, uint8_t* out,
                 ptrdiff_t step);

/// A ring of lines, `line_bytes` apart, a multiple of kPiece; line y is at y % lines.
struct Ring {
  uint8_t* data;
  size_t lines, line_bytes;

  uint8_t* at(size_t y) const { return data + y % lines * line_bytes; }
};

/// Output `output` of `rows`: its lines, blended into line_bytes at `out`.
void blend_lines(const Outputs& rows, size_t output, const Ring& held, uint8_t* out);

}  // namespace vitro::picture
