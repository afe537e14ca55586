// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds/seeds.h"
#include "tests/fuzz/support/choices.h"

namespace vitro::fuzz {

void make_frame_seeds(const std::string& folder) {
  const Seeds seeds(folder, "frames");
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Choices c(seed + 1000);
    std::string bytes(70, '\0');
    for (char& byte : bytes) byte = static_cast<char>(c.next());
    seeds.add(std::to_string(seed), bytes);
  }
}

}  // namespace vitro::fuzz
