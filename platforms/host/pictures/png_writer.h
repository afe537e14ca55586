// SPDX-License-Identifier: Apache-2.0
// Pictures as PNG.
#pragma once

#include <string>

#include "platforms/host/pictures/picture.h"

namespace vitro::host {

/// The bytes of a PNG file: RGB of 8 bits, not compressed, so that nothing but this is needed.
std::string png_of(const Picture& picture);

}  // namespace vitro::host
