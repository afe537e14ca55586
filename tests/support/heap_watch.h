// SPDX-License-Identifier: Apache-2.0
// Counts calls of the heap from this program's own objects: malloc and its kin by the linker's
// --wrap, operator new and delete by replacement.
#pragma once

#include <cstddef>

namespace vitro {

size_t heap_calls();

}  // namespace vitro
