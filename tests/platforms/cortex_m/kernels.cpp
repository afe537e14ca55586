// SPDX-License-Identifier: Apache-2.0
// compare_kernels() in place of the application.
#include "platforms/firmware/application.h"
#include "platforms/firmware/board.h"
#include "platforms/firmware/console.h"
#include "tests/runtime/kernels/freestanding.h"

namespace vitro {

void run_application() {
  const Comparison c = compare_kernels(board::arena().data, print);
  print("compared ");
  print(uint64_t{c.compared});
  print(", different ");
  print(uint64_t{c.different});
  print(", reference crc32 ");
  print_hex(c.reference_crc);
  print(", expected ");
  print_hex(kReferenceCrc);
  print("\n");
  board::stop(c.different != 0 || c.reference_crc != kReferenceCrc || c.compared == 0);
}

}  // namespace vitro
