// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/seeds/seeds.h"
#include "tests/fuzz/support/choices.h"

namespace vitro::fuzz {

void make_kernel_seeds(const std::string& folder) {
  const Seeds seeds(folder, "kernels");
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Choices c(seed);
    std::string bytes(60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(c.next());
    seeds.add(std::to_string(seed), bytes);
  }
}

}  // namespace vitro::fuzz
