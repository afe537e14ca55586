// SPDX-License-Identifier: Apache-2.0
// Replaces the application: compares the build's kernel variants with the reference.
#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"
#include "tests/runtime/kernels/compare.h"

namespace vitro {

void run_application() {
  Comparer comparer(board::arena().data, board::arena().bytes,
                    [](const char* text) { print(text); });
  for (const Group group : kAllGroups) comparer.compare(List::frozen, group);
  const uint32_t frozen_crc = comparer.result().reference_crc;
  comparer.compare(List::terms, Group::attention);
  comparer.compare(List::large, Group::statics);  // none of them is large
  const Comparison& c = comparer.result();
  print("compared ");
  print(uint64_t{c.compared});
  print(", different ");
  print(uint64_t{c.different});
  print(", reference crc32 ");
  print_hex(frozen_crc);
  print(", expected ");
  print_hex(kReferenceCrc);
  print("\n");
  board::stop(c.different != 0 || frozen_crc != kReferenceCrc || c.compared == 0);
}

}  // namespace vitro
