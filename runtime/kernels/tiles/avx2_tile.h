// SPDX-License-Identifier: Apache-2.0
// The accumulator tile of the AVX2 kernels: up to 6 rows of int16 x 8 columns of int8 that are
// widened once for all rows. For <family>/*_avx2.cpp alone; everything has internal linkage, so
// that no other object can pick it up.
//
// vpmaddwd is exact for whatever bytes come. vpabsb, vpsignb, vpmaddubsw and vpmaddwd by ones save
// the widening, but even from registers alone they reach 70 GMAC/s where this reaches 105, and 78
// from L1 (one Zen 4 core, 3.7 GHz).
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro {
namespace {

constexpr size_t kTileRows = 6;
constexpr size_t kTileDepth = 384;  // of int8 rows that are widened at once

// acc + a * b, pairs of products summed. One piece for the compiler: GCC 12 would compute all
// products of a step first and spill the accumulators.
VITRO_INLINE __m256i add_product(__m256i acc, __m256i a, __m256i b) {
  __m256i product;
  __asm__("vpmaddwd %2, %3, %1\n\tvpaddd %1, %0, %0" : "+x"(acc), "=&x"(product) : "x"(a), "x"(b));
  return acc;
}

// Lanes of 64 bits belong to one column each and hold two halves of its sum.
struct TileRow {
  __m256i low, high;  // columns 0..3, 4..7

  // Implicit constructors would not be functions of this ISA.
  VITRO_INLINE TileRow() : low(_mm256_setzero_si256()), high(_mm256_setzero_si256()) {}

  VITRO_INLINE void add(const int16_t* row, __m256i columns_low, __m256i columns_high) {
    int64_t four;
    memcpy(&four, row, 8);
    const __m256i a = _mm256_set1_epi64x(four);
    low = add_product(low, columns_low, a);
    high = add_product(high, columns_high, a);
  }

  VITRO_INLINE void write(int32_t* acc, bool accumulate) const {
    __m256i sums = _mm256_permute4x64_epi64(_mm256_hadd_epi32(low, high), 0xd8);
    if (accumulate) sums = _mm256_add_epi32(sums, load(acc));
    store(acc, sums);
  }
};

// acc[Rows][8] = rows x columns, or += it. columns: [k/4][16][4], from the first of eight columns
// on.
template <size_t Rows>
void multiply_tile(const int16_t* rows, size_t row_stride, const int8_t* columns, size_t k,
                   int32_t* acc, size_t acc_stride, bool accumulate) {
  TileRow row0, row1, row2, row3, row4, row5;
  const int16_t *a = rows, *a3 = rows + 3 * row_stride;
  for (const int8_t* end = columns + k * 16; columns != end; a += 4, a3 += 4, columns += 64) {
    const __m256i low =
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(columns)));
    const __m256i high =
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(columns + 16)));
    row0.add(a, low, high);
    if constexpr (Rows > 1) row1.add(a + row_stride, low, high);
    if constexpr (Rows > 2) row2.add(a + 2 * row_stride, low, high);
    if constexpr (Rows > 3) row3.add(a3, low, high);
    if constexpr (Rows > 4) row4.add(a3 + row_stride, low, high);
    if constexpr (Rows > 5) row5.add(a3 + 2 * row_stride, low, high);
  }
  row0.write(acc, accumulate);
  if constexpr (Rows > 1) row1.write(acc + acc_stride, accumulate);
  if constexpr (Rows > 2) row2.write(acc + 2 * acc_stride, accumulate);
  if constexpr (Rows > 3) row3.write(acc + 3 * acc_stride, accumulate);
  if constexpr (Rows > 4) row4.write(acc + 4 * acc_stride, accumulate);
  if constexpr (Rows > 5) row5.write(acc + 5 * acc_stride, accumulate);
}

// acc[row_count][panels.count * 16] = rows x panels, or += it.
inline void multiply_s16(const int16_t* rows, size_t row_stride, size_t row_count,
                         const Panels& panels, size_t k, int32_t* acc, size_t acc_stride,
                         bool accumulate) {
  using Tile = void (*)(const int16_t*, size_t, const int8_t*, size_t, int32_t*, size_t, bool);
  static constexpr Tile kTiles[] = {multiply_tile<1>, multiply_tile<2>, multiply_tile<3>,
                                    multiply_tile<4>, multiply_tile<5>, multiply_tile<6>};
  const Tile multiply = kTiles[row_count - 1];
  for (size_t i = 0; i < panels.count; ++i, acc += 16) {
    const int8_t* panel = panels.first + i * panels.stride;
    multiply(rows, row_stride, panel, k, acc, acc_stride, accumulate);
    multiply(rows, row_stride, panel + 32, k, acc + 8, acc_stride, accumulate);
  }
}

// Up to kTileRows rows of int8, for one panel after another: widened once where they are short
// enough, else part by part.
class WideRows {
 public:
  WideRows(const int8_t* rows, size_t stride, size_t count, size_t k)
      : rows_(rows), stride_(stride), count_(count), k_(k) {
    if (k_ <= kTileDepth) widen(0, k_);
  }

  // acc[count][panels.count * 16] = rows x panels.
  void multiply(const Panels& panels, int32_t* acc, size_t acc_stride) {
    for (size_t depth = 0; depth < k_; depth += kTileDepth) {
      const size_t part = k_ - depth < kTileDepth ? k_ - depth : kTileDepth;
      if (k_ > kTileDepth) widen(depth, part);
      multiply_s16(wide_[0], kTileDepth, count_,
                   {panels.first + depth * 16, panels.stride, panels.count}, part, acc, acc_stride,
                   depth > 0);
    }
  }

 private:
  void widen(size_t depth, size_t part) {
    for (size_t i = 0; i < count_; ++i) {
      const int8_t* src = rows_ + i * stride_ + depth;
      size_t j = 0;
      for (; j + 16 <= part; j += 16)
        store(wide_[i] + j,
              _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(src + j))));
      for (; j < part; ++j) wide_[i][j] = src[j];
    }
  }

  const int8_t* rows_;
  size_t stride_, count_, k_;
  alignas(32) int16_t wide_[kTileRows][kTileDepth];
};

}  // namespace
}  // namespace vitro
