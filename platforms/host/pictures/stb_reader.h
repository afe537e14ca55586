// SPDX-License-Identifier: Apache-2.0
// stb_image, which sees only pictures that were checked before.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "platforms/host/pictures/rows.h"

namespace vitro::host::pictures {

constexpr size_t kMaxStbPixels = 100'000'000;

/// What stb_image may take at once on this thread from now on, in bytes.
void limit_stb_allocations(size_t bytes);

/// Whether since then the system gave it less than it may take.
bool stb_was_refused_memory();

/// Decodes `bytes` to RGB and gives the rows to `sink`. The picture must be width x height, at most
/// kMaxStbPixels. Throws InputError, and std::bad_alloc where the system gives no memory.
void decode_by_stb(const std::string& path, const std::vector<uint8_t>& bytes, size_t width,
                   size_t height, int orientation, RowSink& sink);

}  // namespace vitro::host::pictures
