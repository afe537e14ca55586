// SPDX-License-Identifier: Apache-2.0
#include "tests/support/heap_watch.h"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

std::atomic<size_t> calls{0};

void* take(void* memory) {
  if (!memory) std::abort();
  return memory;
}

size_t aligned_size(size_t size, std::align_val_t alignment) {
  const size_t a = static_cast<size_t>(alignment);
  return (size + a - 1) / a * a;
}

}  // namespace

extern "C" {
void* __real_malloc(size_t size);
void* __real_calloc(size_t count, size_t size);
void* __real_realloc(void* memory, size_t size);
void* __real_aligned_alloc(size_t alignment, size_t size);
int __real_posix_memalign(void** memory, size_t alignment, size_t size);
void __real_free(void* memory);

void* __wrap_malloc(size_t size) { return ++calls, __real_malloc(size); }
void* __wrap_calloc(size_t count, size_t size) { return ++calls, __real_calloc(count, size); }
void* __wrap_realloc(void* memory, size_t size) { return ++calls, __real_realloc(memory, size); }
void* __wrap_aligned_alloc(size_t alignment, size_t size) {
  return ++calls, __real_aligned_alloc(alignment, size);
}
int __wrap_posix_memalign(void** memory, size_t alignment, size_t size) {
  return ++calls, __real_posix_memalign(memory, alignment, size);
}
void __wrap_free(void* memory) { ++calls, __real_free(memory); }
}

void* operator new(size_t size) { return take(std::malloc(size ? size : 1)); }
void* operator new[](size_t size) { return take(std::malloc(size ? size : 1)); }
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size ? size : 1);
}
void* operator new[](size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size ? size : 1);
}
void* operator new(size_t size, std::align_val_t alignment) {
  return take(std::aligned_alloc(static_cast<size_t>(alignment), aligned_size(size, alignment)));
}
void* operator new[](size_t size, std::align_val_t alignment) {
  return take(std::aligned_alloc(static_cast<size_t>(alignment), aligned_size(size, alignment)));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { std::free(memory); }

namespace vitro {

size_t heap_calls() { return calls; }

}  // namespace vitro
