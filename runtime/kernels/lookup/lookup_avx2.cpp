// SPDX-License-Identifier: Apache-2.0
// lookup for AVX2: 32 values at a time, by tables of 16.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro::avx2 {

namespace {

constexpr size_t kSteps = 8;  // of 16 values, from 0 to 127

// Half of the table. A shuffle gives nothing for a negative index. So the sum (exclusive or) over
// all steps of the differences from the step before, each asked with the value less 16 for each
// step, is the entry of the step that the value is in.
struct Half {
  __m256i differences[kSteps];

  explicit Half(const int8_t* table) {
    __m256i before = _mm256_setzero_si256();
    for (size_t i = 0; i < kSteps; ++i) {
      const __m256i step = _mm256_broadcastsi128_si256(
          _mm_loadu_si128(reinterpret_cast<const __m128i*>(table + i * 16)));
      differences[i] = _mm256_xor_si256(step, before);
      before = step;
    }
  }

  // y with the entries of x from 0 to 127; of other x, y.
  VITRO_INLINE __m256i added(__m256i y, __m256i x) const {
#pragma GCC unroll 8
    for (size_t i = 0; i < kSteps; ++i) {
      y = _mm256_xor_si256(y, _mm256_shuffle_epi8(differences[i], x));
      x = _mm256_subs_epi8(x, _mm256_set1_epi8(16));
    }
    return y;
  }
};

}  // namespace

void lookup(const LookupArgs& args) {
  const Half negative(args.table), other(args.table + 128);
  const auto entries = [&](__m256i x) __attribute__((always_inline)) {
    return negative.added(other.added(_mm256_setzero_si256(), x),
                          _mm256_xor_si256(x, _mm256_set1_epi8(-128)));
  };
  size_t i = 0;
  for (; i + 32 <= args.count; i += 32) store(args.dst + i, entries(load(args.src + i)));
  if (i == args.count) return;
  int8_t rest[32] = {};
  memcpy(rest, args.src + i, args.count - i);
  store(rest, entries(load(rest)));
  memcpy(args.dst + i, rest, args.count - i);
}

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
