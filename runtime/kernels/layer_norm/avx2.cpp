// layer_norm for AVX2: three passes over a row that lies in L1, eight columns at a time.
#include <immintrin.h>
#include <string.h>

#include "runtime/kernels/kernels.h"

namespace vitro::avx2 {

namespace {

// Eight numbers of a row; zeros beyond its end.
__m128i load8(const int16_t* x, size_t left) {
  if (left >= 8) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(x));
  __m128i v = _mm_setzero_si128();
  memcpy(&v, x, left * 2);
  return v;
}

__m256 load8(const float* x, size_t left) {
  if (left >= 8) return _mm256_loadu_ps(x);
  __m256 v = _mm256_setzero_ps();
  memcpy(&v, x, left * 4);
  return v;
}

struct Statistics {
  int32_t sum;
  int64_t squares;
};

Statistics statistics(const int16_t* x, size_t dim) {
  __m128i sums = _mm_setzero_si128();
  __m256i squares = _mm256_setzero_si256();
  for (size_t c = 0; c < dim; c += 8) {
    const __m128i v = load8(x + c, dim - c);
    sums = _mm_add_epi32(sums, _mm_madd_epi16(v, _mm_set1_epi16(1)));
    squares = _mm256_add_epi64(squares, _mm256_cvtepu32_epi64(_mm_madd_epi16(v, v)));  // pairs up to 2^31: unsigned
  }
  alignas(32) int32_t sum[4];
  alignas(32) int64_t square[4];
  _mm_store_si128(reinterpret_cast<__m128i*>(sum), sums);
  _mm256_store_si256(reinterpret_cast<__m256i*>(square), squares);
  return {sum[0] + sum[1] + sum[2] + sum[3], square[0] + square[1] + square[2] + square[3]};
}

// u of eight columns; zeros beyond the end.
__m256 centred(const LayerNormArgs& args, const int16_t* x, size_t c, __m256i sum) {
  const __m256i scaled = _mm256_mullo_epi32(_mm256_cvtepi16_epi32(load8(x + c, args.dim - c)), _mm256_set1_epi32(static_cast<int32_t>(args.dim)));
  return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_sub_epi32(scaled, sum)), load8(args.gain + c, args.dim - c));
}

float reduce_min(__m256 v) {
  __m128 s = _mm_min_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_min_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_min_ss(s, _mm_movehdup_ps(s)));
}

float reduce_max(__m256 v) {
  __m128 s = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  s = _mm_max_ps(s, _mm_movehl_ps(s, s));
  return _mm_cvtss_f32(_mm_max_ss(s, _mm_movehdup_ps(s)));
}

void store8(int8_t* dst, size_t left, __m256i q) {
  const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(q), _mm256_extracti128_si256(q, 1));
  const __m128i bytes = _mm_packs_epi16(words, words);
  if (left >= 8) return _mm_storel_epi64(reinterpret_cast<__m128i*>(dst), bytes);
  memcpy(dst, &bytes, left);
}

}  // namespace

void layer_norm(const LayerNormArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const int16_t* x = args.src + m * args.dim;
    const Statistics s = statistics(x, args.dim);
    const int64_t v = s.squares * static_cast<int64_t>(args.dim) - int64_t{s.sum} * s.sum;
    const float variance = static_cast<float>(static_cast<int32_t>(v >> 24)) * 16777216.0f + static_cast<float>(static_cast<int32_t>(v & 0xffffff));
    const float r = 1.0f / __builtin_sqrtf(variance + args.epsilon);

    const __m256i sum = _mm256_set1_epi32(s.sum);
    __m256 lowest = _mm256_setzero_ps(), highest = _mm256_setzero_ps();
    for (size_t c = 0; c < args.dim; c += 8) {
      const __m256 u = centred(args, x, c, sum);
      lowest = _mm256_min_ps(lowest, u);
      highest = _mm256_max_ps(highest, u);
    }
    const float lo = reduce_min(lowest);
    float range = reduce_max(highest) - lo;
    if (range < 1e-6f) range = 1e-6f;
    const float multiplier = 255.0f / range;
    int32_t zero_point = _mm_cvtss_si32(_mm_set_ss(-128.0f - lo * multiplier));
    zero_point = zero_point < -128 ? -128 : (zero_point > 127 ? 127 : zero_point);

    int8_t* dst = args.dst + m * args.dim;
    for (size_t c = 0; c < args.dim; c += 8) {
      const __m256i q = _mm256_cvtps_epi32(_mm256_mul_ps(centred(args, x, c, sum), _mm256_set1_ps(multiplier)));
      store8(dst + c, args.dim - c, _mm256_add_epi32(q, _mm256_set1_epi32(zero_point)));
    }
    args.dst_rows[m] = {(range * (1.0f / 255.0f)) * r, zero_point};
  }
}

}  // namespace vitro::avx2
