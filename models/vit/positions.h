// SPDX-License-Identifier: Apache-2.0
// Position embeddings for another grid of patches than the one they were trained for.
#pragma once

#include <cstddef>

#include "converter/base/matrix.h"

namespace vitro::converter::vit {

/// Patches of a picture.
struct GridSize {
  size_t height = 0, width = 0;
  size_t patches() const { return height * width; }
};
inline bool operator==(GridSize a, GridSize b) {
  return a.height == b.height && a.width == b.width;
}
inline bool operator!=(GridSize a, GridSize b) { return !(a == b); }

/// `positions` [from.patches(), dim], row-major in (y, x) -> [to.patches(), dim]: bicubic with a =
/// -0.5 and antialiasing, as timm's resample_abs_pos_embed() and torch's
/// interpolate(mode="bicubic", antialias=True, align_corners=False). In double, rounded once.
Matrix resample_positions(const Matrix& positions, GridSize from, GridSize to);

}  // namespace vitro::converter::vit
