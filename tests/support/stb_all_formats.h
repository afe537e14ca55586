// SPDX-License-Identifier: Apache-2.0
// stb_image with all formats that it can read, for comparisons in tests; vitro itself builds it
// with fewer.
#pragma once

#include <cstdint>
#include <vector>

namespace vitro {

/// Whether a whole stb_image would read the picture.
bool stb_reads(const std::vector<uint8_t>& bytes);

}  // namespace vitro
