// layer_norm for AVX-512: three passes over a row that lies in L1.
#include <immintrin.h>

#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

__mmask16 lanes_left(size_t at, size_t end) { return end - at >= 16 ? 0xffff : static_cast<__mmask16>((1u << (end - at)) - 1); }

struct Statistics {
  int32_t sum;
  int64_t squares;
};

Statistics statistics(const int16_t* x, size_t dim) {
  __m512i sum = _mm512_setzero_si512(), squares = _mm512_setzero_si512();
  for (size_t c = 0; c < dim; c += 32) {
    const __mmask32 lanes = dim - c >= 32 ? 0xffffffffu : (1u << (dim - c)) - 1;
    const __m512i v = _mm512_maskz_loadu_epi16(lanes, x + c);
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(v, _mm512_set1_epi16(1)));
    const __m512i pairs = _mm512_madd_epi16(v, v);  // up to 2^31: unsigned
    squares = _mm512_add_epi64(squares, _mm512_cvtepu32_epi64(_mm512_castsi512_si256(pairs)));
    squares = _mm512_add_epi64(squares, _mm512_cvtepu32_epi64(_mm512_extracti64x4_epi64(pairs, 1)));
  }
  return {_mm512_reduce_add_epi32(sum), _mm512_reduce_add_epi64(squares)};
}

__m512 centred(const int16_t* x, __mmask16 lanes, __m512i dim, __m512i sum, const float* gain) {
  const __m512i wide = _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(lanes, x));
  const __m512 u = _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_mullo_epi32(wide, dim), sum));
  return _mm512_maskz_mul_ps(lanes, u, _mm512_maskz_loadu_ps(lanes, gain));
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  const __m512i dim = _mm512_set1_epi32(static_cast<int32_t>(args.dim));
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const Statistics s = statistics(x, args.dim);
    const int64_t v = s.squares * static_cast<int64_t>(args.dim) - int64_t{s.sum} * s.sum;
    const float variance = static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f + static_cast<float>(static_cast<int32_t>(v & 0xffffff));
    const float r = 1.0f / __builtin_sqrtf(variance + args.epsilon);

    const __m512i sum = _mm512_set1_epi32(s.sum);
    __m512 lowest = _mm512_setzero_ps(), highest = _mm512_setzero_ps();
    for (size_t c = 0; c < args.dim; c += 16) {
      const __m512 u = centred(x + c, lanes_left(c, args.dim), dim, sum, args.gain + c);
      lowest = _mm512_min_ps(lowest, u);
      highest = _mm512_max_ps(highest, u);
    }
    const float lo = _mm512_reduce_min_ps(lowest), hi = _mm512_reduce_max_ps(highest);
    float range = hi - lo;
    if (range < 1e-6f) range = 1e-6f;
    const float multiplier = 255.0f / range;
    const float offset = -128.0f - lo * multiplier;
    int32_t zero_point = _mm_cvtss_si32(_mm_set_ss(offset));
    zero_point = zero_point < -128 ? -128 : (zero_point > 127 ? 127 : zero_point);

    int8_t* dst = args.dst + m * args.dim;
    for (size_t c = 0; c < args.dim; c += 16) {
      const __mmask16 lanes = lanes_left(c, args.dim);
      const __m512 u = centred(x + c, lanes, dim, sum, args.gain + c);
      const __m512i q = _mm512_add_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(u, _mm512_set1_ps(multiplier))), _mm512_set1_epi32(zero_point));
      _mm_mask_storeu_epi8(dst + c, lanes, _mm512_cvtsepi32_epi8(q));
    }
    args.dst_rows[m] = {(range * (1.0f / 255.0f)) * r, zero_point};
  }
}

}  // namespace vitro::avx512_vnni
