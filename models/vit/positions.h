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

/// torch's interpolate(mode="bicubic", align_corners=False): with antialias=True and a = -0.5, as
/// timm's resample_abs_pos_embed() and transformers' dinov2_with_registers have it; without, of
/// four positions with a = -0.75, as all other ViTs in transformers.
enum class Resampling { Antialiased, OfFour };

/// `positions` [from.patches(), dim], row-major in (y, x) -> [to.patches(), dim]. In double,
/// rounded once.
Matrix resample_positions(const Matrix& positions, GridSize from, GridSize to,
                          Resampling resampling = Resampling::Antialiased);

}  // namespace vitro::converter::vit
