// SPDX-License-Identifier: Apache-2.0
// The bytes of a picture's file.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitro::host::pictures {

/// Of a regular file; of standard input, whatever that is, by the name "-"; or of a pipe that is
/// this process's standard input; at most 256 MiB. Throws InputError, also for whatever else would
/// be waited for.
std::vector<uint8_t> read_picture_file(const std::string& path);

}  // namespace vitro::host::pictures
