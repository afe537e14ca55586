// SPDX-License-Identifier: Apache-2.0
// What memory holds that nobody wrote: chosen, so that whoever reads it gives two answers.
#pragma once

#include <cstdint>

namespace vitro::fuzz {

/// From now on small blocks of the heap begin as so many of this byte (where the address sanitizer
/// is there to do it), and the stack below the caller holds it.
void fill_memory(uint8_t byte);

}  // namespace vitro::fuzz
