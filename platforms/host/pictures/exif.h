// SPDX-License-Identifier: Apache-2.0
// The orientation of a picture by its metadata. Damaged metadata is ignored: no picture is refused
// for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitro::host::pictures {

/// What a container's look-over found; as Pillow has it, Exif comes before XMP.
struct Metadata {
  std::vector<uint8_t> exif;  // of all Exif segments, one after the other, without their "Exif\0\0"
  std::string xmp;

  /// EXIF's orientation, 1 to 8; 1 where nothing valid is said.
  int orientation() const;
};

}  // namespace vitro::host::pictures
