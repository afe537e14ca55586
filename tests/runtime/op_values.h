// SPDX-License-Identifier: Apache-2.0
// Reads what an op writes, value by value, to hold it against the law.
#pragma once

#include <cstdint>
#include <vector>

#include "tests/runtime/hand_made.h"

namespace vitro {

using Ints = std::vector<int16_t>;

/// Random numbers, with runs of extreme values among them.
Ints int16_numbers(uint32_t seed, size_t count);

/// The int16 values that the last step of `made` writes to `tensor`. Expects the same of all kernel
/// variants, the reference among them, with all thread counts. Adds an output to the program.
Ints run_op(HandMade& made, uint32_t tensor);

}  // namespace vitro
