// From a photo's file to the uint8 pixels that a program takes: decode, resize, crop. The same bytes on every machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro {

struct Picture {
  size_t width = 0, height = 0;  // pixels
  std::vector<uint8_t> rgb;      // height rows of width * 3, no padding
};

/// JPEG, PNG or BMP. Grey, palette and RGBA become RGB (alpha is dropped, not blended); EXIF orientation is ignored, as timm does.
/// Throws InputError if the file cannot be read, is no picture, is cut short, or exceeds 256 MiB, 16384 pixels a side or 100 megapixels.
Picture load_picture(const std::string& path);

/// The shorter side is resized to `resize` (the longer in proportion, truncated), then the centre image_size x image_size is
/// cut out, as PIL and torchvision do: shrinking widens the filter, so that it antialiases. Returns rows of (x, channel);
/// mean and std are not applied. Throws InputError if the picture is empty, `resize` < image_size or
/// `resize` > 4096.
std::vector<uint8_t> preprocess(const Picture& picture, const Preprocessing& preprocessing);

}  // namespace vitro
