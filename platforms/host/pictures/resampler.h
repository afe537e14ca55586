// SPDX-License-Identifier: Apache-2.0
// A picture's rows in, as they are decoded; the pixels that a program takes out. Holds a few rows,
// never the picture. The work is vitro_picture.h's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "converter/base/aligned_bytes.h"
#include "converter/base/preprocessing.h"
#include "platforms/host/pictures/rows.h"
#include "vitro/vitro_picture.h"

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

/// Turns, resizes and crops, byte for byte what Pillow gives for the same pixels.
class Resampler {
 public:
  /// Of a picture of `width` x `height` pixels as they are stored. Throws InputError, which names
  /// `path`, if the picture's shape cannot be, the rows to be held exceed kMaxHeldBytes, or the
  /// preprocessing asks for sides of 0 or more than 4096 pixels.
  Resampler(const std::string& path, size_t width, size_t height, const Turn& turn,
            const Preprocessing& preprocessing);

  /// What the result depends on.
  Region region() const {
    return {info_.first_column, info_.end_column, info_.first_row, info_.end_row};
  }

  /// Rows in stored order, each once, those of the region at least; `rgb` is the row from column 0
  /// on.
  void push(size_t y, const uint8_t* rgb);

  /// image_height rows of (x, channel), once all rows were pushed.
  std::vector<uint8_t> take() { return std::move(pixels_); }

  static constexpr size_t kMaxHeldBytes = size_t{256} << 20;

 private:
  vitro_picture_info info_{};
  AlignedBytes workspace_;
  vitro_picture* picture_ = nullptr;
  std::vector<uint8_t> pixels_;
};

}  // namespace vitro::host::pictures
