// quantise_rows for AVX-512: the extremes in int16, the quantisation in float.
#include <immintrin.h>

#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

void quantise_rows(const QuantiseRowsArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    __m512i lowest = _mm512_setzero_si512(), highest = _mm512_setzero_si512();
    for (size_t c = 0; c < args.dim; c += 32) {
      const __mmask32 lanes = args.dim - c >= 32 ? 0xffffffffu : (1u << (args.dim - c)) - 1;
      const __m512i v = _mm512_maskz_loadu_epi16(lanes, x + c);
      lowest = _mm512_min_epi16(lowest, v);
      highest = _mm512_max_epi16(highest, v);
    }
    const __m512i low32 = _mm512_min_epi32(_mm512_cvtepi16_epi32(_mm512_castsi512_si256(lowest)), _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(lowest, 1)));
    const __m512i high32 = _mm512_max_epi32(_mm512_cvtepi16_epi32(_mm512_castsi512_si256(highest)), _mm512_cvtepi16_epi32(_mm512_extracti64x4_epi64(highest, 1)));
    const float lo = static_cast<float>(_mm512_reduce_min_epi32(low32)), hi = static_cast<float>(_mm512_reduce_max_epi32(high32));
    float range = hi - lo;
    if (range < 1e-6f) range = 1e-6f;
    const float multiplier = 255.0f / range;
    const float offset = -128.0f - lo * multiplier;
    int32_t zero_point = _mm_cvtss_si32(_mm_set_ss(offset));
    zero_point = zero_point < -128 ? -128 : (zero_point > 127 ? 127 : zero_point);

    int8_t* dst = args.dst + m * args.dim;
    for (size_t c = 0; c < args.dim; c += 16) {
      const __mmask16 lanes = args.dim - c >= 16 ? 0xffff : static_cast<__mmask16>((1u << (args.dim - c)) - 1);
      const __m512 h = _mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(lanes, x + c)));
      const __m512i q = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(h, _mm512_set1_ps(multiplier))), _mm512_set1_epi32(zero_point));
      _mm_mask_storeu_epi8(dst + c, lanes, _mm512_cvtsepi32_epi8(q));
    }
    args.dst_rows[m] = {range * args.scale, zero_point};
  }
}

}  // namespace vitro::avx512_vnni
