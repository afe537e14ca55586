// SPDX-License-Identifier: Apache-2.0
// Which inputs make an output of a resize along one axis, and with what weights: those of Pillow to
// the last bit.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vitro/vitro_picture.h"

namespace vitro::picture {

// Pillow's: 8 of 32 bits are a pixel's, 2 are spare, since weights may be negative. The absolute
// weights of an output add up to at most 1.53 (Lanczos between two pixels), so 255 times them stays
// below 2^31.
constexpr int kWeightBits = 22;

/// An axis, `in` pixels long (1 to 65535), that is resized to `out` (1 to 65535 * 4096), of which
/// outputs begin .. begin + count are wanted (1 to 4096 of them). Where it is mirrored, the inputs
/// are stored last first, and the outputs come last first, so that neither falls.
struct Axis {
  uint32_t in, out, begin, count;
  vitro_resize_filter filter;
  bool mirrored;

  /// Each output is one input: no weights are needed.
  bool copies() const { return filter == VITRO_FILTER_NEAREST || in == out; }
};

/// What an axis' outputs need together: inputs first .. end, at most `longest` for one of them.
struct Extent {
  uint32_t first, end, longest;
};
Extent extent_of(const Axis& axis);

/// Where the inputs of each output begin, and how many there are: `count` of each.
void find_inputs(const Axis& axis, uint16_t* first, uint16_t* inputs);

/// Gives set(table, output, input, weight) every weight of an axis that does not copy, in units of
/// 2^-22, the inputs counted from the output's first. Doubles with + - * / alone, each rounded
/// once, so that the weights are the same everywhere.
void make_weights(const Axis& axis,
                  void (*set)(void* table, size_t output, size_t input, int32_t weight),
                  void* table);

}  // namespace vitro::picture
