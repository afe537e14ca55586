// SPDX-License-Identifier: Apache-2.0
// Whether this is a build with the address sanitizer, by GCC or by clang, and its marks on memory.
#pragma once

#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__)
#define VITRO_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define VITRO_ADDRESS_SANITIZER
#endif
#endif

#ifdef VITRO_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace vitro {

#ifdef VITRO_ADDRESS_SANITIZER
constexpr bool kAddressSanitizer = true;
#else
constexpr bool kAddressSanitizer = false;
#endif

/// Until it is allowed again, whoever touches this memory is reported; without the sanitizer, does
/// nothing.
inline void forbid([[maybe_unused]] const void* at, [[maybe_unused]] size_t bytes) {
#ifdef VITRO_ADDRESS_SANITIZER
  __asan_poison_memory_region(at, bytes);
#endif
}
inline void allow([[maybe_unused]] const void* at, [[maybe_unused]] size_t bytes) {
#ifdef VITRO_ADDRESS_SANITIZER
  __asan_unpoison_memory_region(at, bytes);
#endif
}

}  // namespace vitro
