// SPDX-License-Identifier: Apache-2.0
// Sizes in pixels on the command line: "256" for both sides, or "320x240".
#pragma once

#include <array>
#include <cstddef>
#include <string>

namespace vitro::host {

/// The two sides in the order in which they are written. Throws UsageError, naming `option` and
/// showing `example`, on anything but one or two whole numbers within 1 and 4096.
std::array<size_t, 2> two_sides(const std::string& option, const std::string& text,
                                const std::string& example);

}  // namespace vitro::host
