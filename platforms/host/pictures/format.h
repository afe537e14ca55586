// SPDX-License-Identifier: Apache-2.0
// What a file is, by its first bytes, whatever it is called.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace vitro::host::pictures {

enum class PictureFormat { Jpeg, Png, Bmp };

/// Throws InputError for all others: it names what the file is, where that can be told, and how to
/// make a picture of it that vitro takes.
PictureFormat picture_format(const std::string& path, const std::vector<uint8_t>& bytes);

}  // namespace vitro::host::pictures
