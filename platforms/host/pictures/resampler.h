// SPDX-License-Identifier: Apache-2.0
// A picture's rows in, as they are decoded; the pixels that a program takes out. Holds a few rows,
// never the picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "platforms/host/pictures/rows.h"
#include "platforms/host/pictures/taps.h"

namespace vitro::host::pictures {

/// How a stored picture lies: EXIF's orientation, 1 (upright) to 8. Of an upright one, pixel (x, y)
/// is stored where these say.
struct Turn {
  bool swapped = false;  // x runs along the stored columns, y along the stored rows
  bool columns_mirrored = false,
       rows_mirrored = false;  // stored columns or rows run against their axis

  static Turn of(int orientation);
};

/// Where stored pixels lie in an upright picture with lines of `line_bytes`, in bytes: the first of
/// the first row; how far to the next column and the next row.
struct Placement {
  ptrdiff_t origin, column_step, row_step;
};
Placement place(const Turn& turn, size_t line_bytes, size_t columns, size_t rows);

/// Turns, resizes and crops in fixed point, byte for byte what Pillow gives for the same pixels.
class Resampler {
 public:
  /// Of a picture of `width` x `height` pixels as they are stored. Throws InputError, which names
  /// `path`, if the picture's shape cannot be, the rows to be held exceed kMaxHeldBytes, or the
  /// preprocessing asks for sides of 0 or more than 4096 pixels.
  Resampler(const std::string& path, size_t width, size_t height, const Turn& turn,
            const Preprocessing& preprocessing);

  /// What the result depends on.
  Region region() const { return {columns_.begin(), columns_.end(), rows_.begin(), rows_.end()}; }

  /// Rows in stored order, each once, those of the region at least; `rgb` is the row from column 0
  /// on.
  void push(size_t y, const uint8_t* rgb);

  /// image_height rows of (x, channel), once all rows were pushed.
  std::vector<uint8_t> take() { return std::move(pixels_); }

  static constexpr size_t kMaxHeldBytes = size_t{256} << 20;

 private:
  void emit(const Tap& tap);

  Taps columns_, rows_;     // along the stored axes
  bool stored_rows_first_;  // the axis that is resized first runs along the stored rows' numbers
  size_t held_width_;  // pixels of a held row: resized already, or (stored_rows_first_) the columns
                       // that are needed
  size_t held_rows_;   // as many as the longest tap
  std::vector<uint8_t> held_;  // row y at slot y % held_rows_
  std::vector<int32_t> sums_;
  std::vector<uint8_t> line_;
  size_t next_ = 0;  // of rows_.taps
  std::vector<uint8_t> pixels_;
  Placement placement_;  // of the outputs of columns_ and rows_ in pixels_
};

}  // namespace vitro::host::pictures
