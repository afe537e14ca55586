// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/resampler.h"

#include <algorithm>
#include <string>

#include "converter/base/error.h"

namespace vitro::host::pictures {

namespace {

constexpr size_t kMaxSide = 4096;  // vitro_picture.h's

void check(const std::string& path, size_t width, size_t height, const Preprocessing& p) {
  if (width == 0 || height == 0) throw InputError(path, "has no pixels", "give another picture");
  if (p.image_width == 0 || p.image_height == 0 ||
      (p.mode != ResizeMode::None && (p.resize_width == 0 || p.resize_height == 0)))
    throw InputError("preprocessing", "a size of 0 pixels", "choose a larger one");
  const size_t longest = std::max({p.image_width, p.image_height, p.resize_width, p.resize_height});
  if (longest > kMaxSide)
    throw InputError("preprocessing",
                     "a side of " + std::to_string(longest) + " pixels is more than 4096",
                     "choose a smaller one");
}

vitro_preprocessing of_runtime(const Preprocessing& p) {
  vitro_preprocessing out{};
  out.image_width = p.image_width;
  out.image_height = p.image_height;
  out.resize_width = p.resize_width;
  out.resize_height = p.resize_height;
  out.mode = static_cast<vitro_resize_mode>(p.mode);
  out.filter = static_cast<vitro_resize_filter>(p.filter);
  out.centring = static_cast<vitro_centring>(p.centring);
  out.passes = static_cast<vitro_pass_order>(p.passes);
  std::copy(p.fill, p.fill + 3, out.fill);
  return out;
}

vitro_frame frame_of(size_t width, size_t height, const Turn& turn) {
  vitro_frame frame{};
  frame.width = width;
  frame.height = height;
  frame.format = VITRO_PIXELS_RGB;
  // Turned back first; what is left is mirrored.
  if (turn.swapped) {
    frame.rotation = turn.columns_mirrored ? 270 : 90;
    frame.mirrored = turn.columns_mirrored == turn.rows_mirrored;
  } else {
    frame.rotation = turn.rows_mirrored ? 180 : 0;
    frame.mirrored = turn.columns_mirrored != turn.rows_mirrored;
  }
  return frame;
}

}  // namespace

Turn Turn::of(int orientation) {
  switch (orientation) {
    case 2: return {false, true, false};
    case 3: return {false, true, true};
    case 4: return {false, false, true};
    case 5: return {true, false, false};
    case 6: return {true, false, true};
    case 7: return {true, true, true};
    case 8: return {true, true, false};
    default: return {};
  }
}

Placement place(const Turn& turn, size_t line_bytes, size_t columns, size_t rows) {
  Placement p{0, 3, static_cast<ptrdiff_t>(line_bytes)};
  if (turn.swapped) std::swap(p.column_step, p.row_step);
  if (turn.columns_mirrored) {
    p.origin += p.column_step * (static_cast<ptrdiff_t>(columns) - 1);
    p.column_step = -p.column_step;
  }
  if (turn.rows_mirrored) {
    p.origin += p.row_step * (static_cast<ptrdiff_t>(rows) - 1);
    p.row_step = -p.row_step;
  }
  return p;
}

Resampler::Resampler(const std::string& path, size_t width, size_t height, const Turn& turn,
                     const Preprocessing& p) {
  check(path, width, height, p);
  const vitro_preprocessing preprocessing = of_runtime(p);
  const vitro_frame frame = frame_of(width, height, turn);
  if (vitro_picture_plan(&preprocessing, &frame, &info_) != VITRO_OK)
    throw InputError(path, info_.fault, "give another picture");
  if (info_.workspace_bytes > kMaxHeldBytes)
    throw InputError(path,
                     "has " + std::to_string(width) + " x " + std::to_string(height) +
                         " pixels, of which more than 256 MiB are needed at once",
                     "make the picture smaller");
  workspace_ = AlignedBytes(info_.workspace_bytes);
  pixels_.resize(picture_bytes(p));
  vitro_picture_bind(&preprocessing, &frame, workspace_.data(), info_.workspace_bytes, &picture_);
  vitro_picture_start(picture_, pixels_.data(), pixels_.size());
}

void Resampler::push(size_t y, const uint8_t* rgb) {
  const uint8_t* const lines[3] = {rgb, nullptr, nullptr};
  vitro_picture_line(picture_, y, lines);
}

}  // namespace vitro::host::pictures
