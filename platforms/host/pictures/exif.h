// SPDX-License-Identifier: Apache-2.0
// Which way up a picture is, by its metadata. Damaged metadata says nothing: it never refuses a
// picture.
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
