// SPDX-License-Identifier: Apache-2.0
#include "models/swin/windows.h"

#include "converter/graph/operations.h"

namespace vitro::converter::swin {
namespace {

// The rows of a map, or its columns.
struct Axis {
  size_t size, padded, shift;
};

// A row or column of the shifted map: where it came from in the map; kNoRow where it was filled up.
uint32_t origin(size_t shifted, const Axis& axis, bool rolls_first) {
  if (rolls_first && shifted >= axis.size) return GatherRows::kNoRow;
  const size_t from = (shifted + axis.shift) % (rolls_first ? axis.size : axis.padded);
  return from < axis.size ? static_cast<uint32_t>(from) : GatherRows::kNoRow;
}

// Those before the last window, those of it that were beside them, those from the other side.
size_t band(size_t shifted, const Axis& axis, size_t window) {
  if (axis.shift == 0 || shifted + window < axis.padded) return 0;
  return shifted + axis.shift < axis.padded ? 1 : 2;
}

size_t fill_up(size_t size, size_t window) { return (size + window - 1) / window * window; }

}  // namespace

Windows divide(MapSize map, const Windowing& w) {
  const MapSize padded{fill_up(map.height, w.window), fill_up(map.width, w.window)};
  const Axis rows{map.height, padded.height, w.shift.height};
  const Axis columns{map.width, padded.width, w.shift.width};
  Windows out;
  out.count = padded.area() / (w.window * w.window);
  out.padded = padded.area() != map.area();
  out.index.reserve(padded.area());
  for (size_t top = 0; top < padded.height; top += w.window)
    for (size_t left = 0; left < padded.width; left += w.window)
      for (size_t i = 0; i < w.window * w.window; ++i) {
        const size_t y = top + i / w.window, x = left + i % w.window;
        const uint32_t row = origin(y, rows, w.rolls_first),
                       column = origin(x, columns, w.rolls_first);
        const bool there = row != GatherRows::kNoRow && column != GatherRows::kNoRow;
        out.index.push_back(there ? row * static_cast<uint32_t>(map.width) + column
                                  : GatherRows::kNoRow);
        if (w.shift.height + w.shift.width > 0)
          out.regions.push_back(
              static_cast<uint8_t>(3 * band(y, rows, w.window) + band(x, columns, w.window)));
      }
  return out;
}

std::vector<uint32_t> places(const Windows& windows, MapSize map) {
  std::vector<uint32_t> place(map.area());
  for (size_t i = 0; i < windows.index.size(); ++i)
    if (windows.index[i] != GatherRows::kNoRow) place[windows.index[i]] = static_cast<uint32_t>(i);
  return place;
}

std::vector<uint32_t> merged(MapSize map, const std::vector<uint32_t>& place) {
  std::vector<uint32_t> index;
  index.reserve(map.area() + 2 * (map.height + map.width) + 4);
  for (size_t y = 0; y < map.height; y += 2)
    for (size_t x = 0; x < map.width; x += 2)
      for (size_t i = 0; i < 4; ++i) {
        const size_t row = y + i % 2, column = x + i / 2;
        const bool there = row < map.height && column < map.width;
        index.push_back(there ? place[row * map.width + column] : GatherRows::kNoRow);
      }
  return index;
}

size_t relative_position(size_t window, size_t i, size_t j) {
  const size_t y = i / window + window - 1 - j / window, x = i % window + window - 1 - j % window;
  return y * (2 * window - 1) + x;
}

}  // namespace vitro::converter::swin
