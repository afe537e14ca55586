// SPDX-License-Identifier: Apache-2.0
// Checks that a decoder's result does not depend on the previous content of memory.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitro {

struct Decoding {
  std::vector<uint8_t> pixels;
  std::string refused;  // the reason; empty if the file was not refused
};

/// Decodes the file at `path` twice, with a stack and a heap that are filled with different bytes,
/// and expects the same pixels or the same refusal.
Decoding decode_twice(const std::string& path);

}  // namespace vitro
