// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/attention/overlay.h"

#include <algorithm>
#include <cmath>

namespace vitro::host {

namespace {

// Pixels: pictures with a shorter side of half of the former are enlarged, none beyond the latter.
constexpr size_t kSide = 448, kLongest = 8 * kSide;
constexpr size_t kInARow = 4, kGap = 6;

// Black, violet, red, orange, light yellow: each lighter than the one before.
constexpr double kColours[][3] = {
    {0, 0, 4}, {87, 16, 110}, {188, 55, 84}, {249, 142, 9}, {252, 255, 164}};
constexpr size_t kColourSteps = sizeof kColours / sizeof *kColours - 1;

double between(double from, double to, double share) { return from + (to - from) * share; }

double colour(double value, size_t channel) {
  const double place = std::clamp(value, 0.0, 1.0) * kColourSteps;
  const size_t step = std::min(static_cast<size_t>(place), kColourSteps - 1);
  return between(kColours[step][channel], kColours[step + 1][channel],
                 place - static_cast<double>(step));
}

// Where pixel i of n lies among the middles of `count` patches.
struct Place {
  size_t low, high;
  double share;  // of `high`
};

Place place_of(size_t i, size_t n, size_t count) {
  const double at = std::clamp(
      (static_cast<double>(i) + 0.5) * static_cast<double>(count) / static_cast<double>(n) - 0.5,
      0.0, static_cast<double>(count - 1));
  const auto low = static_cast<size_t>(at);
  return {low, std::min(low + 1, count - 1), at - static_cast<double>(low)};
}

}  // namespace

size_t enlargement(size_t width, size_t height) {
  const auto [shorter, longer] = std::minmax(width, height);
  return std::max<size_t>(1, std::min(kSide / shorter, kLongest / longer));
}

Picture enlarged(const Picture& picture) {
  const size_t factor = enlargement(picture.width, picture.height);
  Picture out{picture.width * factor, picture.height * factor, {}};
  out.rgb.reserve(out.width * out.height * 3);
  for (size_t y = 0; y < out.height; ++y)
    for (size_t x = 0; x < out.width; ++x) {
      const uint8_t* const pixel = &picture.rgb[(y / factor * picture.width + x / factor) * 3];
      out.rgb.insert(out.rgb.end(), pixel, pixel + 3);
    }
  return out;
}

Picture overlay_of(const Picture& picture, const std::vector<double>& map, MapSize size) {
  Picture out = enlarged(picture);
  const auto [lowest, highest] = std::minmax_element(map.begin(), map.end());
  const double range = std::max(*highest - *lowest, 1e-30);
  for (size_t y = 0; y < out.height; ++y) {
    const Place row = place_of(y, out.height, size.height);
    for (size_t x = 0; x < out.width; ++x) {
      const Place column = place_of(x, out.width, size.width);
      const auto along = [&](size_t r) {
        return between(map[r * size.width + column.low], map[r * size.width + column.high],
                       column.share);
      };
      const double value = (between(along(row.low), along(row.high), row.share) - *lowest) / range;
      uint8_t* const pixel = &out.rgb[(y * out.width + x) * 3];
      for (size_t c = 0; c < 3; ++c)
        pixel[c] = static_cast<uint8_t>(
            std::lround((static_cast<double>(pixel[c]) + colour(value, c)) / 2));
    }
  }
  return out;
}

Picture side_by_side(const std::vector<Picture>& pictures) {
  const size_t width = pictures[0].width, height = pictures[0].height;
  const size_t columns = std::min(pictures.size(), kInARow),
               rows = (pictures.size() + columns - 1) / columns;
  Picture out{columns * (width + kGap) - kGap, rows * (height + kGap) - kGap, {}};
  out.rgb.assign(out.width * out.height * 3, 255);
  for (size_t i = 0; i < pictures.size(); ++i)
    for (size_t y = 0; y < height; ++y)
      std::copy_n(&pictures[i].rgb[y * width * 3], width * 3,
                  &out.rgb[((i / columns * (height + kGap) + y) * out.width +
                            i % columns * (width + kGap)) *
                           3]);
  return out;
}

}  // namespace vitro::host
