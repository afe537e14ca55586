// SPDX-License-Identifier: Apache-2.0
// Position embeddings for another grid of patches than the one they were trained for.
#pragma once

#include <cstddef>

#include "converter/base/matrix.h"

namespace vitro::converter {

/// `positions` [from*from, dim], row-major in (y, x) -> [to*to, dim]: bicubic with a = -0.5 and
/// antialiasing, as timm's resample_abs_pos_embed() and torch's interpolate(mode="bicubic",
/// antialias=True, align_corners=False). In double, rounded once.
Matrix resample_positions(const Matrix& positions, size_t from, size_t to);

}  // namespace vitro::converter
