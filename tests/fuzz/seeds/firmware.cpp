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
  // The target reads the size from the first byte, 'V': 1 + 86 % 48 * 3 = 115.
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

void make_signature_seeds(const std::string& folder) {
  const Seeds seeds(folder, "signatures");
  const std::string counter("\x00\x10\x00\x00\x00\x00\x00\x00", 8), program(70, 'p');
  seeds.add("flipped",
            "m" + counter + std::string("\x05\x00\x02\x01", 4) + std::string(8, '\2') + program);
  seeds.add("counter", "m" + std::string(20, '\0') + program);
  seeds.add("trailer", "f" + program + "VTROSIGN" + std::string("\1\0\0\0\0\0\0\0", 8) + counter +
                           std::string("\x46\0\0\0\0\0\0\0", 8) + std::string(96, '\0'));
  seeds.add("key",
            "k-----BEGIN PUBLIC KEY-----\n"
            "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
            "-----END PUBLIC KEY-----\n");
}

}  // namespace vitro::fuzz
