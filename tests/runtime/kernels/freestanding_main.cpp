// SPDX-License-Identifier: Apache-2.0
// compare_kernels() on a machine with an operating system.
#include <cinttypes>
#include <cstdio>

#include "tests/runtime/kernels/freestanding.h"

int main() {
  alignas(64) static uint8_t memory[vitro::kComparisonBytes];
  const vitro::Comparison c =
      vitro::compare_kernels(memory, [](const char* line) { std::fputs(line, stdout); });
  std::printf("compared %" PRIu32 ", different %" PRIu32 ", reference crc32 0x%08" PRIx32
              ", expected 0x%08" PRIx32 "\n",
              c.compared, c.different, c.reference_crc, vitro::kReferenceCrc);
  return c.different != 0 || c.reference_crc != vitro::kReferenceCrc;
}
