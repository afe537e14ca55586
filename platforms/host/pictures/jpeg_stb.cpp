// JPEG by stb_image, for builds without libjpeg-turbo: the same bytes everywhere too, but for a mean of 0.02 of 255 not Pillow's.
#include <cstring>

#include "converter/error.h"
#include "platforms/host/pictures/jpeg.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/pictures/rows.h"
#include "platforms/host/pictures/stb_reader.h"

namespace vitro::pictures {

void decode_jpeg(const std::string& path, const std::vector<uint8_t>& bytes, RowSink& sink) {
  const JpegFacts facts = look_over_jpeg(path, bytes);
  // stb_image would decode what is missing as grey, and cannot say whether anything was.
  if (!facts.has_end_marker) throw InputError(path, "is cut short (it has no end marker)", "copy the file again");
  if (!facts.all_components_seen) throw InputError(path, "has no pixels for some of its components", "copy the file again");
  std::vector<uint8_t> whole(bytes.begin(), bytes.begin() + 2);
  if (facts.tables_missing) whole.insert(whole.end(), standard_huffman_tables().begin(), standard_huffman_tables().end());
  // Without a marker stb_image takes a fourth component for transparency; libjpeg and Pillow take it for Adobe's inks.
  constexpr uint8_t kAdobe[] = {0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0};
  if (facts.components == 4 && !facts.adobe_marker) whole.insert(whole.end(), kAdobe, kAdobe + sizeof kAdobe);
  const std::vector<uint8_t>& input = whole.size() == 2 ? bytes : (whole.insert(whole.end(), bytes.begin() + 2, bytes.end()), whole);
  decode_by_stb(path, input, facts.width, facts.height, facts.metadata.orientation(), sink);
}

}  // namespace vitro::pictures

std::string vitro::jpeg_decoder() { return "stb_image"; }
