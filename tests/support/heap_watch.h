// SPDX-License-Identifier: Apache-2.0
// Counts the calls of heap functions from this executable's own objects. The linker's --wrap
// catches malloc and the like; operator new and delete are replaced.
#pragma once

#include <cstddef>

namespace vitro {

size_t heap_calls();

}  // namespace vitro
