// SPDX-License-Identifier: Apache-2.0
// Checks a JPEG's markers (ITU-T T.81) before a decoder sees them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "platforms/host/pictures/exif.h"

namespace vitro::host::pictures {

struct JpegFacts {
  size_t width = 0, height = 0, components = 0;
  bool progressive = false;
  bool whole_in_memory =
      false;  // progressive, or a scan for each component: a decoder keeps all coefficients
  uint64_t coefficient_bytes = 0;  // as many as it keeps then
  size_t scans = 0;
  bool all_components_seen = false;
  bool has_end_marker = false;
  bool adobe_marker = false;
  bool tables_missing = false;  // a scan uses Huffman tables that nobody defined: a frame of Motion
                                // JPEG, which means the standard ones
  Metadata metadata;
};

/// Throws InputError for JPEGs that no decoder here can decode or should see: arithmetic coding,
/// lossless, hierarchical, 12 bits, 2 components, more than 64 scans, Huffman tables beyond their
/// bounds.
JpegFacts look_over_jpeg(const std::string& path, const std::vector<uint8_t>& bytes);

/// A segment (marker, length, content) with the tables of T.81, K.3.3, which Motion JPEG leaves
/// out.
const std::vector<uint8_t>& standard_huffman_tables();

}  // namespace vitro::host::pictures
