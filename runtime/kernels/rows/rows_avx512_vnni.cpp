// SPDX-License-Identifier: Apache-2.0
// layer_norm and quantise_rows for AVX-512: 32 columns at a time, all in 16 bits.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX512_VNNI)
VITRO_TARGET_AVX512_VNNI

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"

namespace vitro::avx512_vnni {

namespace {

__mmask32 words_left(size_t at, size_t end) {
  return end - at >= 32 ? 0xffffffffu : (1u << (end - at)) - 1;
}

// The least of 32 unsigned words: one instruction ends what three more halvings would.
int32_t least(__m512i v) {
  const __m256i halves =
      _mm256_min_epu16(_mm512_castsi512_si256(v), _mm512_extracti64x4_epi64(v, 1));
  return _mm_cvtsi128_si32(_mm_minpos_epu16(
             _mm_min_epu16(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1)))) &
         0xffff;
}

Extremes reduce(__m512i lowest, __m512i highest) {
  return {least(_mm512_xor_si512(lowest, _mm512_set1_epi16(INT16_MIN))) - 32768,
          32767 - least(_mm512_xor_si512(highest, _mm512_set1_epi16(INT16_MAX)))};
}

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  const __m512i lo = _mm512_set1_epi16(static_cast<int16_t>(row.lo)),
                offset = _mm512_set1_epi16(static_cast<int16_t>(row.offset));
  const __m512i multiplier = _mm512_set1_epi16(static_cast<int16_t>(row.multiplier));
  const __m512i shift = _mm512_set1_epi16(static_cast<int16_t>(row.shift));
  const auto quantised = [&](__m512i v) {
    return _mm512_mulhi_epu16(
        _mm512_adds_epu16(_mm512_sllv_epi16(_mm512_sub_epi16(v, lo), shift), offset), multiplier);
  };
  size_t c = 0;
  for (; c + 64 <= dim; c += 64) {
    const __m512i packed = _mm512_packus_epi16(quantised(_mm512_loadu_si512(x + c)),
                                               quantised(_mm512_loadu_si512(x + c + 32)));
    const __m512i bytes =
        _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed);
    _mm512_storeu_si512(dst + c, _mm512_xor_si512(bytes, _mm512_set1_epi8(-128)));
  }
  for (; c < dim; c += 32) {
    const __mmask32 lanes = words_left(c, dim);
    const __m256i bytes = _mm512_cvtusepi16_epi8(quantised(_mm512_maskz_loadu_epi16(lanes, x + c)));
    _mm256_mask_storeu_epi8(dst + c, lanes, _mm256_xor_si256(bytes, _mm256_set1_epi8(-128)));
  }
}

struct Sums {
  __m512i sum = _mm512_setzero_si512(), squares = _mm512_setzero_si512(), lowest, highest;

  explicit Sums(int16_t first) : lowest(_mm512_set1_epi16(first)), highest(lowest) {}

  void add(__m512i v, __mmask32 lanes) {
    sum = _mm512_dpwssd_epi32(sum, v, _mm512_set1_epi16(1));
    const __m512i pairs = _mm512_madd_epi16(v, v);  // up to 2^31: unsigned
    squares = _mm512_add_epi64(
        squares, _mm512_add_epi64(_mm512_and_si512(pairs, _mm512_set1_epi64(0xffffffff)),
                                  _mm512_srli_epi64(pairs, 32)));
    lowest = _mm512_mask_min_epi16(lowest, lanes, lowest, v);
    highest = _mm512_mask_max_epi16(highest, lanes, highest, v);
  }
};

RowStatistics statistics(const int16_t* x, size_t dim) {
  Sums sums(x[0]);
  size_t c = 0;
  for (; c + 32 <= dim; c += 32) sums.add(_mm512_loadu_si512(x + c), 0xffffffff);
  if (c < dim) sums.add(_mm512_maskz_loadu_epi16(words_left(c, dim), x + c), words_left(c, dim));
  return {_mm512_reduce_add_epi32(sums.sum), reduce(sums.lowest, sums.highest),
          _mm512_reduce_add_epi64(sums.squares)};
}

Extremes extremes(const int16_t* x, size_t dim) {
  __m512i lowest = _mm512_setzero_si512(), highest = _mm512_setzero_si512();
  size_t c = 0;
  for (; c + 32 <= dim; c += 32) {
    const __m512i v = _mm512_loadu_si512(x + c);
    lowest = _mm512_min_epi16(lowest, v);
    highest = _mm512_max_epi16(highest, v);
  }
  if (c < dim) {
    const __m512i v = _mm512_maskz_loadu_epi16(words_left(c, dim), x + c);
    lowest = _mm512_min_epi16(lowest, v);
    highest = _mm512_max_epi16(highest, v);
  }
  return reduce(lowest, highest);
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise, 16>(args); }

void quantise_rows(const QuantiseRowsArgs& args) {
  quantise_each_row<extremes, quantise, 16>(args);
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
