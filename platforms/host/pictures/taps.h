// SPDX-License-Identifier: Apache-2.0
// Which inputs make an output of a resize along one axis, and with what weights: those of Pillow to
// the last bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "converter/base/preprocessing.h"

namespace vitro::host::pictures {

constexpr int kWeightBits =
    22;  // Pillow's: 8 of 32 bits are a pixel's, 2 are spare, since weights may be negative

/// One output: the sum of `count` inputs from `first` on, times weights from `offset` on.
struct Tap {
  size_t first, count, offset;
};

/// Taps of neighbouring outputs; `first` never falls from one to the next, nor does first + count.
struct Taps {
  std::vector<Tap> taps;
  std::vector<int32_t>
      weights;  // in units of 2^-22; those of a tap add up to 1, but for their rounding

  size_t begin() const { return taps.empty() ? 0 : taps.front().first; }
  size_t end() const {
    return taps.empty() ? 0 : taps.back().first + taps.back().count;
  }  // one after the last input that is needed
  size_t longest() const;
};

/// Of resizing `in` pixels to `out` (both > 0): the taps of outputs begin.. begin + count <= out.
/// Doubles with + - * / alone, each rounded once, so that the weights are the same everywhere.
Taps make_taps(ResizeFilter filter, size_t in, size_t out, size_t begin, size_t count);

/// The taps of the same outputs, the last first, on inputs that are stored the other way round.
Taps mirrored(const Taps& taps, size_t in);

}  // namespace vitro::host::pictures
