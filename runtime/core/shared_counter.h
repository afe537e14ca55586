// SPDX-License-Identifier: Apache-2.0
// A number that threads take from. By the compiler's own functions, since <atomic> is of the C++
// library.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "vitro/vitro.h"

namespace vitro {

// CPUs without an atomic exchange (ARMv6-M) have one thread.
#if __GCC_ATOMIC_INT_LOCK_FREE == 2
constexpr size_t kMostThreads = VITRO_MAX_THREADS;
#else
constexpr size_t kMostThreads = 1;
#endif

// Orders nothing but itself.
class SharedCounter {
 public:
  uint32_t load() const { return __atomic_load_n(&value_, __ATOMIC_RELAXED); }
  void store(uint32_t value) { __atomic_store_n(&value_, value, __ATOMIC_RELAXED); }
  // Whether it was `expected` and is `value` now; else what it is into `expected`. May fail once
  // more than it has to.
  bool exchange(uint32_t& expected, uint32_t value) {
    if constexpr (kMostThreads == 1) {
      store(value);
      return true;
    } else {
      return __atomic_compare_exchange_n(&value_, &expected, value, true, __ATOMIC_RELAXED,
                                         __ATOMIC_RELAXED);
    }
  }

 private:
  uint32_t value_;
};

}  // namespace vitro
