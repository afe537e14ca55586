// SPDX-License-Identifier: Apache-2.0
// The accumulator tile of the AVX2 kernels: up to 6 rows of int16 x 16 columns of int8 in 12
// registers. For <family>/*_avx2.cpp alone; everything has internal linkage, so that no other
// object can pick it up.
//
// 32 bytes of columns are words of two bytes each, of an even and an odd k. Shifted up, a word is
// 256 times its even byte; masked, 256 times its odd one. So one instruction widens 16 bytes, a
// lane of a product belongs to one column, and at the end sums are only shifted down. vpmaddwd is
// exact for whatever bytes come. vpabsb, vpsignb, vpmaddubsw and vpmaddwd by ones save the
// widening, but even from registers alone they reach 70 GMAC/s where this reaches 105 (one Zen 4
// core, 3.7 GHz).
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/tiles/avx2_math.h"

namespace vitro {
namespace {

constexpr size_t kTileRows = 6;
// Of products of two int8: their sum times 256 fits int32, as that of 256 products of uint8 does.
constexpr size_t kTileDepth = 384;
constexpr size_t kUnsignedDepth = 256;

// Sixteen words of a row as tiles take them: of each four, first those of even k, then those of
// odd.
inline __m256i even_odd(__m256i words) {
  return _mm256_shuffle_epi8(
      words, _mm256_setr_epi8(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15, 0, 1, 4, 5, 2,
                              3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15));
}
// Where word k of a row lies among them.
inline size_t even_odd(size_t k) { return (k & ~size_t{3}) | (k & 1) << 1 | (k >> 1 & 1); }

// Implicit constructors would not be functions of this ISA.
struct TileRow {
  __m256i low, high;  // columns 0..7, 8..15

  VITRO_INLINE TileRow() : low(_mm256_setzero_si256()), high(_mm256_setzero_si256()) {}

  // Two words of the row, which each pair of words of the columns is multiplied with. One piece for
  // the compiler: GCC 12 would compute all products of a step first and spill the accumulators.
  VITRO_INLINE void add(const int16_t* row, __m256i columns_low, __m256i columns_high) {
    __m256i two, product;
    __asm__(
        "vpbroadcastd %4, %2\n\t"
        "vpmaddwd %5, %2, %3\n\t"
        "vpmaddwd %6, %2, %2\n\t"
        "vpaddd %3, %0, %0\n\t"
        "vpaddd %2, %1, %1"
        : "+x"(low), "+x"(high), "=&x"(two), "=&x"(product)
        : "m"(*reinterpret_cast<const int16_t(*)[2]>(row)), "x"(columns_low), "x"(columns_high));
  }

  VITRO_INLINE void write(int32_t* acc, bool accumulate) const {
    __m256i sum_low = _mm256_srai_epi32(low, 8), sum_high = _mm256_srai_epi32(high, 8);
    if (accumulate) {
      sum_low = _mm256_add_epi32(sum_low, load(acc));
      sum_high = _mm256_add_epi32(sum_high, load(acc + 8));
    }
    store(acc, sum_low);
    store(acc + 8, sum_high);
  }
};

// acc[Rows][16] = rows x columns, or += it. rows: as even_odd() orders words. columns:
// [k/4][16][4].
template <size_t Rows>
void multiply_tile(const int16_t* rows, size_t row_stride, const int8_t* columns, size_t k,
                   int32_t* acc, size_t acc_stride, bool accumulate) {
  TileRow row0, row1, row2, row3, row4, row5;
  const int16_t *a = rows, *a3 = rows + 3 * row_stride;
  const auto add = [&](size_t at, __m256i low, __m256i high) __attribute__((always_inline)) {
    row0.add(a + at, low, high);
    if constexpr (Rows > 1) row1.add(a + row_stride + at, low, high);
    if constexpr (Rows > 2) row2.add(a + 2 * row_stride + at, low, high);
    if constexpr (Rows > 3) row3.add(a3 + at, low, high);
    if constexpr (Rows > 4) row4.add(a3 + row_stride + at, low, high);
    if constexpr (Rows > 5) row5.add(a3 + 2 * row_stride + at, low, high);
  };
  for (const int8_t* end = columns + k * 16; columns != end; a += 4, a3 += 4, columns += 64) {
    add(0, _mm256_slli_epi16(load(columns), 8), _mm256_slli_epi16(load(columns + 32), 8));
    const __m256i odd = _mm256_set1_epi16(-256);
    add(2, _mm256_and_si256(odd, load(columns)), _mm256_and_si256(odd, load(columns + 32)));
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
  for (size_t i = 0; i < panels.count; ++i, acc += 16)
    multiply(rows, row_stride, panels.first + i * panels.stride, k, acc, acc_stride, accumulate);
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
        store(wide_[i] + j, even_odd(_mm256_cvtepi8_epi16(
                                _mm_loadu_si128(reinterpret_cast<const __m128i*>(src + j)))));
      for (; j < part; ++j) wide_[i][even_odd(j)] = src[j];
    }
  }

  const int8_t* rows_;
  size_t stride_, count_, k_;
  alignas(32) int16_t wide_[kTileRows][kTileDepth];
};

}  // namespace
}  // namespace vitro
