// SPDX-License-Identifier: Apache-2.0
// The other cores of the board.
#pragma once

#include <stdint.h>

namespace vitro::board {

/// Called once, by the first core, with its MMU on. `entry_level`: at which exception level it was
/// entered.
void wake_cores(uint64_t entry_level);

}  // namespace vitro::board
