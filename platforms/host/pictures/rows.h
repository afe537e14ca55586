// SPDX-License-Identifier: Apache-2.0
// Between the decoders and what takes their rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitro::host::pictures {

// Of decoders that keep nothing but rows: libjpeg's side, and a few seconds of work at most.
constexpr size_t kMaxRowsSide = 65500, kMaxRowsPixels = 500'000'000;

constexpr const char* kAgain = "copy the file again";  // what helps against damage

/// The columns and rows of a picture that are needed, as they are stored: [first, end).
struct Region {
  size_t first_column, end_column, first_row, end_row;
};

class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Called once, before any row. `orientation` is EXIF's, 1 to 8. May throw InputError.
  virtual Region begin(size_t width, size_t height, int orientation) = 0;
  /// The rows of the region in stored order, each once; `rgb` is the whole row, but only its
  /// columns of the region count.
  virtual void row(size_t y, const uint8_t* rgb) = 0;
};

/// Each looks its container over, then decodes it. `bytes` is the whole file, which begins as the
/// format does. Throw InputError, which names `path`.
void decode_jpeg(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink);
void decode_png(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink);
void decode_bmp(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink);

}  // namespace vitro::host::pictures
