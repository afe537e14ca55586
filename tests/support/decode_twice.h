// SPDX-License-Identifier: Apache-2.0
// What a decoder makes of a file must not depend on what memory held before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitro {

struct Decoding {
  std::vector<uint8_t> pixels;
  std::string refused;  // why, or nothing
};

/// Decodes the file at `path` twice, each time on a stack and a heap full of other bytes, and
/// expects the same pixels or the same refusal.
Decoding decode_twice(const std::string& path);

}  // namespace vitro
