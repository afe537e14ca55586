// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/support/memory_fill.h"

#include <malloc.h>

#include <cstddef>
#include <cstring>

#include "tests/support/address_sanitizer.h"

#ifdef VITRO_ADDRESS_SANITIZER
#include <sanitizer/allocator_interface.h>
#endif

namespace vitro::fuzz {

namespace {

uint8_t fill = 0;

#ifdef VITRO_ADDRESS_SANITIZER
// Larger blocks are not filled: calloc sets only small blocks to zero after this.
constexpr size_t kSmall = size_t{64} << 10;

void on_malloc(const volatile void* block, size_t size) {
  if (size <= kSmall) std::memset(const_cast<void*>(block), fill, size);
}
void on_free(const volatile void*) {}

const bool installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free) != 0;

void fill_heap() {}
#else
// The C library fills new blocks with the complement of what it is told; 0 turns that off.
void fill_heap() { mallopt(M_PERTURB, fill == 0xff ? 1 : fill ^ 0xff); }
#endif

__attribute__((noinline)) void fill_stack() {
  uint8_t below[size_t{256} << 10];
  std::memset(below, fill, sizeof below);
  asm volatile("" : : "r"(below) : "memory");  // so that the compiler keeps the stores
}

}  // namespace

void fill_memory(uint8_t byte) {
  fill = byte;
  fill_heap();
  fill_stack();
}

}  // namespace vitro::fuzz
