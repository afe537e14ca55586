// SPDX-License-Identifier: Apache-2.0
// In which order Swin's windows take the rows of a map.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitro::converter::swin {

struct MapSize {
  size_t height = 0, width = 0;
  size_t area() const { return height * width; }
};

/// How a block divides its map.
struct Windowing {
  size_t window = 0;  // rows and columns of a window
  MapSize shift;      // by how many rows and columns the windows are moved
  /// Whether a map that is not whole windows is rolled before it is filled up with zeros, as in
  /// timm; else after that, as in transformers and torchvision.
  bool rolls_first = false;
};

struct Windows {
  size_t count = 0;
  std::vector<uint32_t> index;  // [windows, window^2]: the row of the map; GatherRows::kNoRow: none
  std::vector<uint8_t> regions;  // likewise: which of them attend to each other; empty: all
  bool padded = false;           // some are no row of the map
};

/// What is shifted out of the map at one side comes in at the other, and attends to what came with
/// it alone.
Windows divide(MapSize map, const Windowing& windowing);

/// For each row of the map where it is among the windows' rows.
std::vector<uint32_t> places(const Windows& windows, MapSize map);

/// [rows, 4]: the rows (0, 0), (1, 0), (0, 1), (1, 1) of each square of four, which are zeros
/// beyond an odd map; `place` tells where each row of the map is.
std::vector<uint32_t> merged(MapSize map, const std::vector<uint32_t>& place);

/// The row of a table [(2 window - 1)^2] of biases for query i and key j of a window.
size_t relative_position(size_t window, size_t i, size_t j);

}  // namespace vitro::converter::swin
