// SPDX-License-Identifier: Apache-2.0
// Numbers for people, beside foreign text that is safe to show.
#pragma once

#include <string>

#include "converter/base/shown.h"

namespace vitro::host {

/// 12.345 as "12.35": fixed point.
std::string fixed(double value, int digits);

}  // namespace vitro::host
