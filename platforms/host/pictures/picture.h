// SPDX-License-Identifier: Apache-2.0
// From a photo's file to the uint8 pixels that a program takes: decode, resize, crop. The same
// bytes on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/base/preprocessing.h"

namespace vitro::host {

struct Picture {
  size_t width = 0, height = 0;  // pixels
  std::vector<uint8_t> rgb;      // height rows of width * 3, no padding
};

/// JPEG, PNG or BMP, whatever the file is called; others are refused by their name. The pixels are
/// Pillow's convert("RGB"): grey is repeated, alpha dropped and not blended, inks (CMYK) are taken
/// for Adobe's. Where the orientation is to be applied, the picture is turned as its EXIF, eXIf or
/// XMP says. Throws InputError if the file cannot be read, is larger than 256 MiB, is no picture or
/// cut short, or has more than 100 million pixels.
Picture load_picture(const std::string& path, Orientation orientation = Orientation::Ignore);

/// Resized, then cut or filled to image_width x image_height around the centre, as Pillow,
/// torchvision and timm do: shrinking widens the filter, so that it antialiases. Returns rows of
/// (x, channel); mean and std are not applied, nor is the orientation. Throws InputError if the
/// picture is empty or a size is 0 or more than 4096.
std::vector<uint8_t> preprocess(const Picture& picture, const Preprocessing& preprocessing);

/// From the file to what a program takes, the same as the two above, with the orientation that the
/// preprocessing asks for. Baseline JPEG and BMP go through row by row, so up to 500 million
/// pixels, 65500 a side, take the file, some rows and the result: their memory stays below 256 MiB
/// beside the file, and for common pictures within some MiB. A progressive JPEG takes 640 MiB at
/// most for its coefficients; PNG, at most 100 million pixels and 16384 a side. More is refused.
/// Throws InputError.
std::vector<uint8_t> prepare_picture(const std::string& path, const Preprocessing& preprocessing);

/// What this build decodes JPEGs with: "libjpeg-turbo 2.1.5", or "stb_image".
std::string jpeg_decoder();

}  // namespace vitro::host
