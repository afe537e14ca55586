// SPDX-License-Identifier: Apache-2.0
// rotate_pairs for AVX2: 16 pairs at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro::avx2 {

namespace {

constexpr size_t kPairs = 16;

VITRO_INLINE __m256i rounded(__m256i sums, __m256 scale) {
  const __m256 y = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), scale);
  return _mm256_cvtps_epi32(
      _mm256_max_ps(_mm256_min_ps(y, _mm256_set1_ps(127)), _mm256_set1_ps(-127)));
}

// a[i], b[i] and turns[i]{cosine, sine} -> low[i], high[i].
VITRO_INLINE void rotate(const int16_t* a, const int16_t* b, const int16_t* turns, __m256 scale,
                         int8_t* low, int8_t* high) {
  // What is unpacked lies in the order of pairs 0..3, 8..11 and 4..7, 12..15; packing undoes it.
  const __m256i first = load(turns), second = load(turns + kPairs), x = load(a), y = load(b);
  const __m256i pairs[2] = {_mm256_unpacklo_epi16(x, y), _mm256_unpackhi_epi16(x, y)};
  const __m256i turn[2] = {_mm256_permute2x128_si256(first, second, 0x20),
                           _mm256_permute2x128_si256(first, second, 0x31)};
  const __m256i negate_sine = _mm256_set1_epi32(static_cast<int>(0xffff0001));
  __m256i lows[2], highs[2];
  for (size_t v = 0; v < 2; ++v) {
    const __m256i swapped =
        _mm256_or_si256(_mm256_slli_epi32(turn[v], 16), _mm256_srli_epi32(turn[v], 16));
    lows[v] = rounded(_mm256_madd_epi16(pairs[v], _mm256_sign_epi16(turn[v], negate_sine)), scale);
    highs[v] = rounded(_mm256_madd_epi16(pairs[v], swapped), scale);
  }
  const __m256i both =
      _mm256_permute4x64_epi64(_mm256_packs_epi16(_mm256_packs_epi32(lows[0], lows[1]),
                                                  _mm256_packs_epi32(highs[0], highs[1])),
                               0xd8);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm256_castsi256_si128(both));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm256_extracti128_si256(both, 1));
}

// The same of fewer pairs.
void rotate_rest(const RotatePairsArgs& args, size_t at, __m256 scale, const int16_t* x,
                 int8_t* dst) {
  const size_t half = args.head_dim / 2, count = half - at;
  int16_t a[kPairs] = {}, b[kPairs] = {}, turns[2 * kPairs] = {};
  int8_t low[kPairs], high[kPairs];
  memcpy(a, x + at, count * 2);
  memcpy(b, x + half + at, count * 2);
  memcpy(turns, args.turns + 2 * at, count * 4);
  rotate(a, b, turns, scale, low, high);
  memcpy(dst + at, low, count);
  memcpy(dst + half + at, high, count);
}

}  // namespace

void rotate_pairs(const RotatePairsArgs& args) {
  const size_t half = args.head_dim / 2;
  const int16_t* x = args.src;
  int8_t* dst = args.dst;
  for (size_t h = 0; h < args.heads; ++h, x += args.head_dim, dst += args.head_dim) {
    const __m256 scale = _mm256_set1_ps(args.scale[h]);
    size_t i = 0;
    for (; i + kPairs <= half; i += kPairs)
      rotate(x + i, x + half + i, args.turns + 2 * i, scale, dst + i, dst + half + i);
    if (i < half) rotate_rest(args, i, scale, x, dst);
  }
}

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
