// SPDX-License-Identifier: Apache-2.0
// Sets the content of memory that was never written, so that code which reads it gives different
// answers.
#pragma once

#include <cstdint>

namespace vitro::fuzz {

/// From now on, new blocks of the heap are filled with this byte (small ones by the address
/// sanitizer, where there is one), and so is the stack below the caller.
void fill_memory(uint8_t byte);

}  // namespace vitro::fuzz
