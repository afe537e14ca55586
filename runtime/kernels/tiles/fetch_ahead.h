// SPDX-License-Identifier: Apache-2.0
// Weights that tiles fetch for later. For <family>/*_avx512_vnni.cpp and <family>/*_avx_vnni.cpp
// alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include <immintrin.h>
#include <stddef.h>

#include "runtime/kernels/inline.h"

namespace vitro {
namespace {

// What a tile fetches while it multiplies, with every four of k: nothing; or some lines into L2,
// and `step` bytes on the next time.
struct FetchNothing {
  VITRO_INLINE void operator()() const {}
};

template <int Lines>
struct FetchAhead {
  const char* at;
  size_t step;

  VITRO_INLINE void operator()() {
    _mm_prefetch(at, _MM_HINT_T1);
    if constexpr (Lines > 1) _mm_prefetch(at + 64, _MM_HINT_T1);
    at += step;
  }
  FetchAhead after(size_t times) const { return {at + times * step, step}; }
};

}  // namespace
}  // namespace vitro
