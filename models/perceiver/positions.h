// SPDX-License-Identifier: Apache-2.0
// Fourier features of where a pixel is, as transformers' Perceiver has them: no tensor holds them.
#pragma once

#include <cstddef>

#include "converter/base/matrix.h"
#include "converter/base/preprocessing.h"

namespace vitro::converter::perceiver {

/// y and x from -1 to 1; the sines of y, then of x, times pi and each of 64 frequencies from 1 to
/// 112; the cosines likewise.
constexpr size_t kFourierBands = 64, kFourierColumns = 2 + 4 * kFourierBands;

/// Into kFourierColumns columns of `positions` [pixels, any] from `first_column` on, pixels in
/// row-major order.
void write_fourier_positions(PixelSize image, size_t first_column, Matrix& positions);

}  // namespace vitro::converter::perceiver
