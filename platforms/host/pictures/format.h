// SPDX-License-Identifier: Apache-2.0
// The format of a file, by its first bytes and not by its name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitro::host::pictures {

enum class PictureFormat { Jpeg, Png, Bmp };

/// Throws InputError for all others: it names the format, where it is known, and says how to
/// convert the file to a picture that vitro reads.
PictureFormat picture_format(const std::string& path, const std::vector<uint8_t>& bytes);

}  // namespace vitro::host::pictures
