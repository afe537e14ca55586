// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/gallery/gallery.h"
#include "tests/fuzz/seeds/seeds.h"

namespace vitro::fuzz {

void make_gallery_seeds(const std::string& folder) {
  const Seeds seeds(folder, "galleries");
  host::Gallery gallery;
  gallery.program_sha256 = std::string(32, 'p');
  gallery.output = "features";
  host::add_row(gallery, {127, -3, 0, 5}, "a.jpg", host::Gallery::kNoClass);
  seeds.add("one", "0" + host::bytes_of(gallery));
  gallery.classes = {"cat", "dog"};
  for (int8_t i = 0; i < 5; ++i)
    host::add_row(gallery, {i, 127, static_cast<int8_t>(-i), 1}, "cat/" + std::to_string(i),
                  static_cast<uint32_t>(i % 2));
  seeds.add("classes", "0" + host::bytes_of(gallery));
  seeds.add("sealed", "1" + host::bytes_of(gallery));
}

}  // namespace vitro::fuzz
