// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "platforms/host/flash_writer.h"
#include "tests/fuzz/seeds/seeds.h"

namespace vitro::fuzz {

namespace {

std::string text(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace

void make_firmware_seeds(const std::string& folder) {
  const Seeds seeds(folder, "firmware");
  host::PreparedPicture picture{"a cat", std::vector<uint8_t>(4 * 3 * 3, 7)};
  const std::string frame = text(host::make_frame(picture));
  // The harness takes the first byte, 'V', for the size: 1 + 86 % 48 * 3 = 115.
  picture.pixels.resize(115);
  seeds.add("frames", "f" + text(host::make_frame(picture)) + frame +
                          text(host::make_frame(picture)) + text(host::make_end_frame()));
  picture.pixels.resize(4 * 3 * 3);
  const std::string program(1000, 'p');
  for (const bool stop : {false, true})
    seeds.add(stop ? "image_stop" : "image",
              "c" + text(host::make_flash_image(program.data(), program.size(), {4, 3},
                                                {picture, picture}, stop)));
  seeds.add("image_alone", "i" + text(host::make_flash_image(program.data(), 64, {}, {}, false)));
}

}  // namespace vitro::fuzz
