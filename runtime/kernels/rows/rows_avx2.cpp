// SPDX-License-Identifier: Apache-2.0
// layer_norm and quantise_rows for AVX2: 16 columns at a time, all in 16 bits.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"

namespace vitro::avx2 {

namespace {

// Sixteen numbers of a row; copies of `fill` beyond its end.
__m256i load16(const int16_t* x, size_t left, int16_t fill) {
  if (left >= 16) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x));
  __m256i v = _mm256_set1_epi16(fill);
  memcpy(&v, x, left * 2);
  return v;
}

// The smallest of sixteen. vphminposuw knows only unsigned numbers.
int32_t reduce_min(__m256i v) {
  const __m128i sign = _mm_set1_epi16(INT16_MIN);
  const __m128i half = _mm_min_epi16(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return static_cast<int16_t>(
      _mm_cvtsi128_si32(_mm_xor_si128(_mm_minpos_epu16(_mm_xor_si128(half, sign)), sign)));
}

int32_t reduce_max(__m256i v) {
  return -1 - reduce_min(_mm256_xor_si256(v, _mm256_set1_epi16(-1)));
}

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  const __m256i lo = _mm256_set1_epi16(static_cast<int16_t>(row.lo)),
                offset = _mm256_set1_epi16(static_cast<int16_t>(row.offset));
  const __m256i multiplier = _mm256_set1_epi16(static_cast<int16_t>(row.multiplier));
  const __m256i shift = _mm256_set1_epi32(static_cast<int>(row.shift));
  const auto quantised = [&](__m256i v) __attribute__((always_inline)) {
    // Both words of a lane at once: neither has a bit that leaves it.
    const __m256i d = _mm256_sllv_epi32(_mm256_sub_epi16(v, lo), shift);
    return _mm256_mulhi_epu16(_mm256_adds_epu16(d, offset), multiplier);
  };
  const auto bytes = [&](__m256i first, __m256i other) __attribute__((always_inline)) {
    return _mm256_xor_si256(
        _mm256_permute4x64_epi64(_mm256_packus_epi16(quantised(first), quantised(other)), 0xd8),
        _mm256_set1_epi8(-128));
  };
  size_t c = 0;
  for (; c + 32 <= dim; c += 32)
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(dst + c),
                        bytes(load16(x + c, 16, 0), load16(x + c + 16, 16, 0)));
  if (c == dim) return;
  const size_t left = dim - c;
  const __m256i rest =
      bytes(load16(x + c, left, 0), left > 16 ? load16(x + c + 16, left - 16, 0) : lo);
  memcpy(dst + c, &rest, left);
}

RowStatistics statistics(const int16_t* x, size_t dim) {
  __m256i sum = _mm256_setzero_si256(), squares = _mm256_setzero_si256(),
          lowest = _mm256_set1_epi16(x[0]), highest = lowest;
  const auto add = [&](__m256i v, __m256i present) __attribute__((always_inline)) {
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(v, _mm256_set1_epi16(1)));
    const __m256i pairs = _mm256_madd_epi16(v, v);  // up to 2^31: unsigned
    squares = _mm256_add_epi64(
        squares, _mm256_add_epi64(_mm256_and_si256(pairs, _mm256_set1_epi64x(0xffffffff)),
                                  _mm256_srli_epi64(pairs, 32)));
    lowest = _mm256_min_epi16(lowest, present);
    highest = _mm256_max_epi16(highest, present);
  };
  size_t c = 0;
  for (; c + 16 <= dim; c += 16) {
    const __m256i v = load16(x + c, 16, 0);
    add(v, v);
  }
  if (c < dim) add(load16(x + c, dim - c, 0), load16(x + c, dim - c, x[0]));
  alignas(32) int32_t sums[8];
  alignas(32) int64_t square[4];
  _mm256_store_si256(reinterpret_cast<__m256i*>(sums), sum);
  _mm256_store_si256(reinterpret_cast<__m256i*>(square), squares);
  RowStatistics s{
      0, {reduce_min(lowest), reduce_max(highest)}, square[0] + square[1] + square[2] + square[3]};
  for (const int32_t part : sums) s.sum += part;
  return s;
}

Extremes extremes(const int16_t* x, size_t dim) {
  __m256i lowest = _mm256_setzero_si256(), highest = _mm256_setzero_si256();
  for (size_t c = 0; c < dim; c += 16) {
    const __m256i v = load16(x + c, dim - c, 0);
    lowest = _mm256_min_epi16(lowest, v);
    highest = _mm256_max_epi16(highest, v);
  }
  return {reduce_min(lowest), reduce_max(highest)};
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise, 8>(args); }

void quantise_rows(const QuantiseRowsArgs& args) { quantise_each_row<extremes, quantise, 8>(args); }

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
