// The accumulator tile of the AVX2 kernels: up to 4 rows of int16 x 8 columns of int8 that are widened once for all rows.
// For <family>/avx2.cpp alone; everything has internal linkage, so that no other object can pick it up.
//
// vpmaddwd is exact for whatever bytes come. vpabsb, vpsignb, vpmaddubsw and vpmaddwd by ones save the widening, but even from registers alone
// they reach 70 GMAC/s where this reaches 105, and 78 from L1 (one Zen 4 core, 3.7 GHz).
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace vitro {
namespace {

constexpr size_t kTileRows = 4;
constexpr size_t kTileDepth = 512;  // of int8 rows that are widened at once

inline __m256i load(const void* p) { return _mm256_loadu_si256(static_cast<const __m256i*>(p)); }
inline void store(void* p, __m256i v) { _mm256_storeu_si256(static_cast<__m256i*>(p), v); }

// Lanes of 64 bits belong to one column each and hold two halves of its sum.
struct TileRow {
  __m256i low = _mm256_setzero_si256(), high = _mm256_setzero_si256();  // columns 0..3, 4..7

  inline __attribute__((always_inline)) void add(const int16_t* row, __m256i columns_low, __m256i columns_high) {
    int64_t four;
    memcpy(&four, row, 8);
    const __m256i a = _mm256_set1_epi64x(four);
    low = _mm256_add_epi32(low, _mm256_madd_epi16(columns_low, a));
    high = _mm256_add_epi32(high, _mm256_madd_epi16(columns_high, a));
  }

  inline __attribute__((always_inline)) void write(int32_t* acc, bool accumulate) const {
    __m256i sums = _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8);
    if (accumulate) sums = _mm256_add_epi32(sums, load(acc));
    store(acc, sums);
  }
};

// acc[Rows][8] = rows x columns, or += it. columns: [k/4][16][4], from the first of eight columns on.
template <size_t Rows>
void multiply_tile(const int16_t* rows, size_t row_stride, const int8_t* columns, size_t k, int32_t* acc, size_t acc_stride, bool accumulate) {
  TileRow row0, row1, row2, row3;
  const int16_t *a0 = rows, *a1 = rows + row_stride, *a2 = a1 + row_stride, *a3 = a2 + row_stride;
  for (size_t depth = 0; depth < k; depth += 4, columns += 64) {
    const __m256i low = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(columns)));
    const __m256i high = _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(columns + 16)));
    row0.add(a0 + depth, low, high);
    if constexpr (Rows > 1) row1.add(a1 + depth, low, high);
    if constexpr (Rows > 2) row2.add(a2 + depth, low, high);
    if constexpr (Rows > 3) row3.add(a3 + depth, low, high);
  }
  row0.write(acc, accumulate);
  if constexpr (Rows > 1) row1.write(acc + acc_stride, accumulate);
  if constexpr (Rows > 2) row2.write(acc + 2 * acc_stride, accumulate);
  if constexpr (Rows > 3) row3.write(acc + 3 * acc_stride, accumulate);
}

// A right-hand side: `count` panels of [k/4][16][4], `stride` bytes apart.
struct Panels {
  const int8_t* first;
  size_t stride, count;
};

// acc[row_count][count * 16] = rows x panels, or += it.
inline void multiply_s16(const int16_t* rows, size_t row_stride, size_t row_count, const Panels& panels, size_t k, int32_t* acc, size_t acc_stride,
                         bool accumulate) {
  const auto multiply = row_count == 1 ? multiply_tile<1> : row_count == 2 ? multiply_tile<2> : row_count == 3 ? multiply_tile<3> : multiply_tile<4>;
  for (size_t i = 0; i < panels.count; ++i, acc += 16) {
    const int8_t* panel = panels.first + i * panels.stride;
    multiply(rows, row_stride, panel, k, acc, acc_stride, accumulate);
    multiply(rows, row_stride, panel + 32, k, acc + 8, acc_stride, accumulate);
  }
}

inline void widen(const int8_t* src, size_t count, int16_t* dst) {
  size_t i = 0;
  for (; i + 16 <= count; i += 16) store(dst + i, _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(src + i))));
  for (; i < count; ++i) dst[i] = src[i];
}

// The same for rows of int8, row_stride bytes apart.
inline void multiply_s8(const int8_t* rows, size_t row_stride, size_t row_count, const Panels& panels, size_t k, int32_t* acc, size_t acc_stride) {
  alignas(32) int16_t wide[kTileRows][kTileDepth];
  for (size_t depth = 0; depth < k; depth += kTileDepth) {
    const size_t part = k - depth < kTileDepth ? k - depth : kTileDepth;
    for (size_t i = 0; i < row_count; ++i) widen(rows + i * row_stride + depth, part, wide[i]);
    multiply_s16(wide[0], kTileDepth, row_count, {panels.first + depth * 16, panels.stride, panels.count}, part, acc, acc_stride, depth > 0);
  }
}

}  // namespace
}  // namespace vitro
