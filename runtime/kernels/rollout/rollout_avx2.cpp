// SPDX-License-Identifier: Apache-2.0
// Rollout's softmax for AVX2: 16 tokens at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/avx2_exp2.h"

namespace vitro::avx2 {

namespace {

constexpr size_t kLanes = 16;

// Loops over fewer than 16 tokens are volatile and not unrolled: what compilers make of them else
// is longer than the loops over all tokens.

// The tokens beyond the last like the first: they change no maximum, and what they weigh is known.
VITRO_INLINE void fill_rest(float* scores, size_t tokens, size_t padded) {
  volatile float* const all = scores;
  const float first = scores[0];
#pragma GCC unroll 1
  for (size_t j = tokens; j < padded; ++j) all[j] = first;
}

VITRO_INLINE __m256 highest_of(const float* scores, size_t padded) {
  __m256 high0 = _mm256_loadu_ps(scores), high1 = high0;
  for (size_t j = 0; j < padded; j += kLanes) {
    high0 = _mm256_max_ps(high0, _mm256_loadu_ps(scores + j));
    high1 = _mm256_max_ps(high1, _mm256_loadu_ps(scores + j + 8));
  }
  __m256 high = _mm256_max_ps(high0, high1);
  high = _mm256_max_ps(high, _mm256_permute2f128_ps(high, high, 1));
  high = _mm256_max_ps(high, _mm256_permute_ps(high, 0x4e));
  return _mm256_max_ps(high, _mm256_permute_ps(high, 0xb1));
}

// Scores to their weights, int16 in their place; all weights' sum. Differences are exact. What is
// above 30719 saturates to at most 2^15 - 1, and weighs nothing as well.
VITRO_INLINE int32_t weigh(float* scores, size_t padded, float score_scale) {
  const __m256 highest = highest_of(scores, padded), scale = _mm256_set1_ps(score_scale);
  int16_t* const weights = reinterpret_cast<int16_t*>(scores);
  __m256i sums = _mm256_setzero_si256();
  const auto exponent = [&](const float* score) __attribute__((always_inline)) {
    return _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_sub_ps(highest, _mm256_loadu_ps(score)), scale));
  };
  for (size_t j = 0; j < padded; j += kLanes) {
    __m256i w[] = {narrow16(exponent(scores + j), exponent(scores + j + 8))};
    exp2_weights(w);
    sums = _mm256_add_epi32(sums, _mm256_madd_epi16(w[0], _mm256_set1_epi16(1)));
    store(weights + j, w[0]);
  }
  return reduce_add(sums);
}

VITRO_INLINE void add8(const int16_t* weights, __m256 factor, float* dst) {
  const __m256i w =
      _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(weights)));
  _mm256_storeu_ps(
      dst, _mm256_add_ps(_mm256_loadu_ps(dst), _mm256_mul_ps(factor, _mm256_cvtepi32_ps(w))));
}

}  // namespace

void add_softmax(const AddSoftmaxArgs& args) {
  const size_t tokens = args.tokens, padded = (tokens + kLanes - 1) / kLanes * kLanes;
  float* const dst = args.dst;
  fill_rest(args.scores, tokens, padded);
  const int32_t sum = weigh(args.scores, padded, args.score_scale);
  const int16_t* const weights = reinterpret_cast<const int16_t*>(args.scores);
  const int32_t beyond = static_cast<int32_t>(padded - tokens) * weights[0];
  const float factor = args.share / static_cast<float>(sum - beyond);
  const __m256 factors = _mm256_set1_ps(factor);
  size_t j = 0;
  for (; j + kLanes <= tokens; j += kLanes) {
    add8(weights + j, factors, dst + j);
    add8(weights + j + 8, factors, dst + j + 8);
  }
  volatile float* const rest = dst;
#pragma GCC unroll 1
  for (; j < tokens; ++j) rest[j] = rest[j] + factor * static_cast<float>(weights[j]);
}

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
