// SPDX-License-Identifier: Apache-2.0
// rotate_pairs for AVX-512: 32 pairs at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX512_VNNI)
VITRO_TARGET_AVX512_VNNI

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

constexpr size_t kPairs = 32;

VITRO_INLINE __m512i rounded(__m512i sums, __m512 scale) {
  const __m512 y = _mm512_mul_ps(_mm512_cvtepi32_ps(sums), scale);
  return _mm512_cvtps_epi32(
      _mm512_max_ps(_mm512_min_ps(y, _mm512_set1_ps(127)), _mm512_set1_ps(-127)));
}

// The lowest `count` bits.
VITRO_INLINE uint32_t lowest(size_t count) { return count >= 32 ? 0xffffffffu : (1u << count) - 1; }

// At most kPairs of a head: a[i], b[i] and turns[i]{cosine, sine} -> low[i], high[i].
struct Pairs {
  const int16_t *a, *b, *turns;
  int8_t *low, *high;
};

VITRO_INLINE void rotate(const Pairs& p, size_t count, __m512 scale) {
  const uint32_t lanes = lowest(count);
  const __m512i x = _mm512_maskz_loadu_epi16(lanes, p.a), y = _mm512_maskz_loadu_epi16(lanes, p.b);
  const __m512i first = _mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes), p.turns),
                second =
                    _mm512_maskz_loadu_epi32(static_cast<__mmask16>(lanes >> 16), p.turns + kPairs);
  // Of each 16 bytes of x and y the lower four pairs, and the upper four; packing undoes it.
  const __m512i pairs[2] = {_mm512_unpacklo_epi16(x, y), _mm512_unpackhi_epi16(x, y)};
  const __m512i turn[2] = {_mm512_shuffle_i32x4(first, second, 0x88),
                           _mm512_shuffle_i32x4(first, second, 0xdd)};
  __m512i lows[2], highs[2];
  for (size_t v = 0; v < 2; ++v) {
    const __m512i negated =
        _mm512_mask_sub_epi16(turn[v], 0xaaaaaaaau, _mm512_setzero_si512(), turn[v]);
    lows[v] = rounded(_mm512_madd_epi16(pairs[v], negated), scale);
    highs[v] = rounded(_mm512_madd_epi16(pairs[v], _mm512_rol_epi32(turn[v], 16)), scale);
  }
  _mm512_mask_cvtsepi16_storeu_epi8(p.low, lanes, _mm512_packs_epi32(lows[0], lows[1]));
  _mm512_mask_cvtsepi16_storeu_epi8(p.high, lanes, _mm512_packs_epi32(highs[0], highs[1]));
}

}  // namespace

void rotate_pairs(const RotatePairsArgs& args) {
  const size_t half = args.head_dim / 2;
  const int16_t* x = args.src;
  int8_t* dst = args.dst;
  for (size_t h = 0; h < args.heads; ++h, x += args.head_dim, dst += args.head_dim) {
    const __m512 scale = _mm512_set1_ps(args.scale[h]);
    for (size_t i = 0; i < half; i += kPairs)
      rotate({x + i, x + half + i, args.turns + 2 * i, dst + i, dst + half + i}, half - i, scale);
  }
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
