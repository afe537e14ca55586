// SPDX-License-Identifier: Apache-2.0
// The orientation in Exif and XMP, without a picture around them: it must be one of eight, whatever
// follows. The first two bytes are the length of the Exif; the rest is XMP.
#include "platforms/host/pictures/exif.h"
#include "tests/fuzz/support/target.h"

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const size_t length = data[0] | size_t{data[1]} << 8, rest = size - 2;
  const uint8_t* const middle = data + 2 + (length < rest ? length : rest);
  host::pictures::Metadata metadata;
  metadata.exif.assign(data + 2, middle);
  metadata.xmp.assign(middle, data + size);
  const int orientation = metadata.orientation();
  require(orientation >= 1 && orientation <= 8, "an orientation that is none");
  const int by_exif = host::pictures::Metadata{metadata.exif, ""}.orientation();
  require(by_exif == 1 || by_exif == orientation, "XMP comes before Exif");
  return 0;
}
