// SPDX-License-Identifier: Apache-2.0
// JPEG by stb_image, for builds without libjpeg-turbo: the same bytes everywhere too, but for a
// mean of 0.02 of 255 not Pillow's.
#include <cstring>
#include <iterator>

#include "converter/base/error.h"
#include "platforms/host/pictures/jpeg.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/rows.h"
#include "platforms/host/pictures/stb_reader.h"

namespace vitro::host::pictures {

void decode_jpeg(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink) {
  const JpegFacts facts = look_over_jpeg(path, bytes);
  // stb_image would decode what is missing as grey, and cannot say whether anything was.
  if (!facts.has_end_marker)
    throw InputError(path, "is cut short (it has no end marker)", "copy the file again");
  if (!facts.all_components_seen)
    throw InputError(path, "has no pixels for some of its components", "copy the file again");
  std::vector<uint8_t> missing;
  if (facts.tables_missing) missing = standard_huffman_tables();
  // Without a marker stb_image takes a fourth component for transparency; libjpeg and Pillow take
  // it for Adobe's inks.
  constexpr uint8_t kAdobe[] = {0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
  if (facts.components == 4 && !facts.adobe_marker)
    missing.insert(missing.end(), std::begin(kAdobe), std::end(kAdobe));
  std::vector<uint8_t> whole;
  if (!missing.empty()) {
    whole.reserve(bytes.size() + missing.size());
    whole.assign(bytes.begin(), bytes.end());
    whole.insert(whole.begin() + 2, missing.begin(), missing.end());  // behind the start marker
  }
  const std::vector<uint8_t>& input = missing.empty() ? bytes : whole;
  decode_by_stb(path, input, facts.width, facts.height, facts.metadata.orientation(), sink);
}

}  // namespace vitro::host::pictures

std::string vitro::host::jpeg_decoder() { return "stb_image"; }
