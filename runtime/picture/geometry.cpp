// SPDX-License-Identifier: Apache-2.0
#include "runtime/picture/geometry.h"

#include <string.h>

#include "runtime/kernels/law_flags.h"

namespace vitro::picture {

namespace {

constexpr size_t kMaxSide = 65535;   // of frames
constexpr size_t kMaxResult = 4096;  // of what preprocessing asks for; bounds it to 48 MiB

struct Size {
  uint64_t width, height;
};

/// A side after resizing, and the part of it that the window shows.
struct Window {
  uint32_t begin, count;  // resized pixels in the window
  size_t offset;          // pixels of fill before them
};

// Callers' enumerations may hold any number.
template <class Enum>
unsigned number_of(const Enum& value) {
  unsigned number = 0;
  memcpy(&number, &value, sizeof value);
  return number;
}

bool between(size_t value, size_t low, size_t high) { return value >= low && value <= high; }

const char* fault_of(const vitro_preprocessing& p) {
  if (number_of(p.mode) > VITRO_RESIZE_COVER) return "there is no such resize mode";
  if (number_of(p.filter) > VITRO_FILTER_LANCZOS) return "there is no such filter";
  if (number_of(p.centring) > VITRO_CENTRING_FLOOR) return "there is no such way of centring";
  if (number_of(p.passes) > VITRO_PASSES_PILLOW13) return "there is no such order of passes";
  if (!between(p.image_width, 1, kMaxResult) || !between(p.image_height, 1, kMaxResult))
    return "the program's picture has a side that is not 1 to 4096 pixels";
  if (p.mode != VITRO_RESIZE_NONE &&
      (!between(p.resize_width, 1, kMaxResult) || !between(p.resize_height, 1, kMaxResult)))
    return "preprocessing resizes to a side that is not 1 to 4096 pixels";
  return nullptr;
}

const char* fault_of(const vitro_frame& f, const Format* format) {
  if (!between(f.width, 1, kMaxSide) || !between(f.height, 1, kMaxSide))
    return "the frame has a side that is not 1 to 65535 pixels";
  if (!format) return "there is no such pixel format";
  if (format->chroma && number_of(f.colours) == VITRO_COLOURS_UNSTATED)
    return "colours are not stated: BT.601 or BT.709, limited or full range";
  if (number_of(f.colours) > VITRO_COLOURS_BT709_FULL) return "there are no such colours";
  for (size_t i = 0; i < 3; ++i) {
    if (i >= format->planes && f.strides[i] != 0)
      return "a stride of a plane that the format does not have";
    if (i < format->planes && f.strides[i] != 0 && f.strides[i] < line_bytes(*format, i, f.width))
      return "a stride is shorter than a line";
  }
  if ((f.region_width == 0) != (f.region_height == 0)) return "the region has a side of 0 pixels";
  if (f.region_width == 0 && (f.region_left != 0 || f.region_top != 0))
    return "the region has a corner, but no sides";
  if (f.region_width > f.width || f.region_left > f.width - f.region_width ||
      f.region_height > f.height || f.region_top > f.height - f.region_height)
    return "the region is not within the frame";
  if (f.rotation != 0 && f.rotation != 90 && f.rotation != 180 && f.rotation != 270)
    return "the rotation is not 0, 90, 180 or 270 degrees";
  return nullptr;
}

// x >= 0.
uint64_t round_half_even(double x) {
  const uint64_t whole = static_cast<uint64_t>(x);
  const double rest = x - static_cast<double>(whole);
  return rest > 0.5 || (rest == 0.5 && whole % 2 != 0) ? whole + 1 : whole;
}

Size resized_size(uint64_t width, uint64_t height, const vitro_preprocessing& p) {
  if (p.mode == VITRO_RESIZE_NONE) return {width, height};
  if (p.mode == VITRO_RESIZE_EXACT) return {p.resize_width, p.resize_height};
  if (p.mode == VITRO_RESIZE_SHORTER_SIDE) {
    const uint64_t shorter = width < height ? width : height;
    return {width * p.resize_width / shorter, height * p.resize_width / shorter};
  }
  const double w = static_cast<double>(width), h = static_cast<double>(height);
  const double across = w / static_cast<double>(p.resize_width),
               down = h / static_cast<double>(p.resize_height);
  const bool smaller = p.mode == VITRO_RESIZE_COVER;
  const double ratio = (across < down) == smaller ? across : down;
  return {round_half_even(w / ratio), round_half_even(h / ratio)};
}

Window centred(uint64_t resized, size_t window, vitro_centring centring) {
  if (resized < window) {
    // torchvision and timm pad the smaller half before, transformers' crop of Pillow pictures the
    // larger.
    const size_t missing = window - static_cast<size_t>(resized);
    return {0, static_cast<uint32_t>(resized),
            centring == VITRO_CENTRING_FLOOR ? (missing + 1) / 2 : missing / 2};
  }
  const uint64_t margin = resized - window, half = margin / 2;
  const bool up = centring == VITRO_CENTRING_HALF_EVEN && margin % 2 == 1 && half % 2 == 1;
  return {static_cast<uint32_t>(half + up), static_cast<uint32_t>(window), 0};
}

// Pillow 13's: columns first where the height loses more than twice as many pixels as the width.
bool height_first(const vitro_preprocessing& p, Size from, Size to) {
  return p.passes == VITRO_PASSES_PILLOW13 &&
         to.height<from.height&& static_cast<int64_t>(from.height - to.height)> 2 *
             (static_cast<int64_t>(from.width) - static_cast<int64_t>(to.width));
}

}  // namespace

const char* find_geometry(const vitro_preprocessing& p, const vitro_frame& frame,
                          Geometry& geometry) {
  const Format* format = format_of(number_of(frame.format));
  if (const char* fault = fault_of(p)) return fault;
  if (const char* fault = fault_of(frame, format)) return fault;
  const Size stored = {frame.region_width ? frame.region_width : frame.width,
                       frame.region_height ? frame.region_height : frame.height};
  // Turned by a quarter, the upright picture's x runs along the stored rows.
  const bool quarter = frame.rotation % 180 == 90;
  const Size upright = quarter ? Size{stored.height, stored.width} : stored;
  const Size resized = resized_size(upright.width, upright.height, p);
  if (resized.width == 0 || resized.height == 0)
    return "the frame is so narrow that nothing is left of its shorter side";

  const Window x = centred(resized.width, p.image_width, p.centring),
               y = centred(resized.height, p.image_height, p.centring);
  const bool from_right = frame.rotation == 180 || frame.rotation == 90;
  const bool from_below = frame.rotation == 180 || frame.rotation == 270;
  const Axis along_x = {static_cast<uint32_t>(upright.width),
                        static_cast<uint32_t>(resized.width),
                        x.begin,
                        x.count,
                        p.filter,
                        from_right != (frame.mirrored != 0)};
  const Axis along_y = {static_cast<uint32_t>(upright.height),
                        static_cast<uint32_t>(resized.height),
                        y.begin,
                        y.count,
                        p.filter,
                        from_below};

  const size_t line = p.image_width * 3;
  size_t origin = y.offset * line + x.offset * 3;
  if (along_x.mirrored) origin += size_t{x.count - 1} * 3;
  if (along_y.mirrored) origin += size_t{y.count - 1} * line;
  const ptrdiff_t x_step = along_x.mirrored ? -3 : 3;
  const ptrdiff_t y_step =
      along_y.mirrored ? -static_cast<ptrdiff_t>(line) : static_cast<ptrdiff_t>(line);
  geometry = {format,
              quarter ? along_y : along_x,
              quarter ? along_x : along_y,
              height_first(p, upright, resized) != quarter,
              frame.region_left,
              frame.region_top,
              origin,
              quarter ? y_step : x_step,
              quarter ? x_step : y_step};
  return nullptr;
}

}  // namespace vitro::picture
