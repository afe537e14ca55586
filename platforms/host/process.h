// SPDX-License-Identifier: Apache-2.0
// What a process owes to its surroundings: how it ends without memory and by signals, and closed
// standard streams.
#pragma once

namespace vitro::host {

/// Exit code of whatever fails but wrong usage.
constexpr int kRefused = 1;

/// To be called first.
void prepare_process();

}  // namespace vitro::host
