// SPDX-License-Identifier: Apache-2.0
// What an op writes, value by value: the law of an op without a kernel is tested by it.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/runtime/hand_made.h"

namespace vitro {

using Ints = std::vector<int16_t>;

/// Random numbers with runs of the extremes among them.
Ints int16_numbers(uint32_t seed, size_t count);

/// The int16 values that the last step of `made` writes to `tensor`; all thread counts give them.
/// Adds an output.
Ints run_op(HandMade& made, uint32_t tensor);

}  // namespace vitro
