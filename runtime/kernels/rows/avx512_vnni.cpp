// layer_norm and quantise_rows for AVX-512: 32 columns at a time, all in 16 bits.
#include <immintrin.h>

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/rows/row_quantiser.h"

namespace vitro::avx512_vnni {

namespace {

__mmask32 lanes_left(size_t at, size_t end) { return end - at >= 32 ? 0xffffffffu : (1u << (end - at)) - 1; }

int32_t reduce_min(__m512i v) {
  return _mm512_reduce_min_epi32(_mm512_min_epi32(_mm512_cvtepi16_epi32(_mm512_castsi512_si256(v)), _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(v, 1))));
}

int32_t reduce_max(__m512i v) {
  return _mm512_reduce_max_epi32(_mm512_max_epi32(_mm512_cvtepi16_epi32(_mm512_castsi512_si256(v)), _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(v, 1))));
}

void quantise(const RowQuantiser& row, const int16_t* x, size_t dim, int8_t* dst) {
  const __m512i lo = _mm512_set1_epi16(static_cast<int16_t>(row.lo)), offset = _mm512_set1_epi16(static_cast<int16_t>(row.offset));
  const __m512i multiplier = _mm512_set1_epi16(static_cast<int16_t>(row.multiplier));
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(row.shift));
  for (size_t c = 0; c < dim; c += 32) {
    const __mmask32 lanes = lanes_left(c, dim);
    const __m512i d = _mm512_sll_epi16(_mm512_sub_epi16(_mm512_maskz_loadu_epi16(lanes, x + c), lo), shift);
    const __m512i q = _mm512_mulhi_epu16(_mm512_adds_epu16(d, offset), multiplier);
    _mm256_mask_storeu_epi8(dst + c, lanes, _mm256_xor_si256(_mm512_cvtusepi16_epi8(q), _mm256_set1_epi8(-128)));
  }
}

RowStatistics statistics(const int16_t* x, size_t dim) {
  __m512i sum = _mm512_setzero_si512(), squares = _mm512_setzero_si512(), lowest = _mm512_set1_epi16(x[0]), highest = lowest;
  for (size_t c = 0; c < dim; c += 32) {
    const __mmask32 lanes = lanes_left(c, dim);
    const __m512i v = _mm512_maskz_loadu_epi16(lanes, x + c);
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(v, _mm512_set1_epi16(1)));
    const __m512i pairs = _mm512_madd_epi16(v, v);  // up to 2^31: unsigned
    squares = _mm512_add_epi64(squares, _mm512_add_epi64(_mm512_and_si512(pairs, _mm512_set1_epi64(0xffffffff)), _mm512_srli_epi64(pairs, 32)));
    lowest = _mm512_mask_min_epi16(lowest, lanes, lowest, v);
    highest = _mm512_mask_max_epi16(highest, lanes, highest, v);
  }
  return {_mm512_reduce_add_epi32(sum), {reduce_min(lowest), reduce_max(highest)}, _mm512_reduce_add_epi64(squares)};
}

Extremes extremes(const int16_t* x, size_t dim) {
  __m512i lowest = _mm512_setzero_si512(), highest = _mm512_setzero_si512();
  for (size_t c = 0; c < dim; c += 32) {
    const __m512i v = _mm512_maskz_loadu_epi16(lanes_left(c, dim), x + c);
    lowest = _mm512_min_epi16(lowest, v);
    highest = _mm512_max_epi16(highest, v);
  }
  return {reduce_min(lowest), reduce_max(highest)};
}

}  // namespace

void layer_norm(const LayerNormArgs& args) { layer_norm_rows<statistics, quantise>(args); }

void quantise_rows(const QuantiseRowsArgs& args) { quantise_each_row<extremes, quantise>(args); }

}  // namespace vitro::avx512_vnni
