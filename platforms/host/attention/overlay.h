// SPDX-License-Identifier: Apache-2.0
// Maps over the patches of a picture, as colours over it.
#pragma once

#include <vector>

#include "platforms/host/attention/maps.h"
#include "platforms/host/pictures/picture.h"

namespace vitro::host {

struct MapSize {
  size_t height = 0, width = 0;
};

/// The picture, enlarged by a whole number so that small ones can be seen, half of it, and half of
/// it the map: from black for its smallest value by red to light yellow for its largest, with
/// straight lines between the middles of patches.
Picture overlay_of(const Picture& picture, const std::vector<double>& map, MapSize size);

/// How many pixels wide and high a pixel of such a picture becomes there.
size_t enlargement(size_t width, size_t height);

/// The picture, enlarged likewise.
Picture enlarged(const Picture& picture);

/// All of one size, four in a row, on white.
Picture side_by_side(const std::vector<Picture>& pictures);

}  // namespace vitro::host
