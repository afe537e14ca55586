// SPDX-License-Identifier: Apache-2.0
// What targets under the memory sanitizer must notice: pixels of which one was never written, from
// the heap or from the stack.
#include <cstdio>
#include <cstring>
#include <memory>

#include "tests/fuzz/support/written.h"

namespace {

constexpr size_t kBytes = 48, kLeftOut = 17;

void write_all_but_one(unsigned char* pixels) {
  std::memset(pixels, 1, kLeftOut);
  std::memset(pixels + kLeftOut + 1, 1, kBytes - kLeftOut - 1);
}

}  // namespace

int main(int count, char** arguments) {
  unsigned char on_stack[kBytes];
  const std::unique_ptr<unsigned char[]> on_heap(new unsigned char[kBytes]);
  const bool stack = count == 2 && std::strcmp(arguments[1], "stack") == 0;
  unsigned char* const pixels = stack ? on_stack : on_heap.get();
  write_all_but_one(pixels);
  VITRO_CHECK_WRITTEN(pixels, kBytes);
  std::puts("not noticed");
}
