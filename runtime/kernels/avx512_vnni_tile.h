// The accumulator tile of the AVX-512-VNNI kernels: up to 6 rows x 64 columns in 24 registers, weights streamed, rows broadcast.
// For <family>/avx512_vnni.cpp alone; everything has internal linkage, so that no other object can pick it up.
#pragma once

#include <immintrin.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace vitro {
namespace {

// vpdpbusd multiplies unsigned by signed bytes. Which side gives the unsigned ones, and how:
enum class Bytes {
  biased_lhs,    // rows are s8 and count as row + 128
  unsigned_lhs,  // rows are u8
  biased_rhs,    // rows are s8, columns count as column + 128
};

constexpr int kTileRows = 6;
constexpr int kTilePanels = 4;  // of 16 columns

inline __m512i broadcast4(const void* bytes) {
  int32_t word;
  memcpy(&word, bytes, 4);
  return _mm512_set1_epi32(word);
}

// Accumulators as members: GCC 12 keeps a two-dimensional array of them on the stack.
template <Bytes bytes, int Panels>
struct TileRow {
  __m512i acc0 = _mm512_setzero_si512(), acc1 = _mm512_setzero_si512(), acc2 = _mm512_setzero_si512(), acc3 = _mm512_setzero_si512();

  // The row is broadcast here and not before: with all rows in registers, there would be 35 of them.
  inline __attribute__((always_inline)) void add(const int8_t* row, __m512i b0, __m512i b1, __m512i b2, __m512i b3) {
    __m512i a = broadcast4(row);
    if constexpr (bytes == Bytes::biased_lhs) a = _mm512_xor_si512(a, _mm512_set1_epi8(-128));
    acc0 = product(acc0, a, b0);
    if constexpr (Panels > 1) acc1 = product(acc1, a, b1);
    if constexpr (Panels > 2) acc2 = product(acc2, a, b2);
    if constexpr (Panels > 3) acc3 = product(acc3, a, b3);
  }

  static inline __attribute__((always_inline)) __m512i product(__m512i acc, __m512i a, __m512i b) {
    return bytes == Bytes::biased_rhs ? _mm512_dpbusd_epi32(acc, b, a) : _mm512_dpbusd_epi32(acc, a, b);
  }

  inline __attribute__((always_inline)) void shift_left_7() {
    acc0 = _mm512_slli_epi32(acc0, 7);
    acc1 = _mm512_slli_epi32(acc1, 7);
    acc2 = _mm512_slli_epi32(acc2, 7);
    acc3 = _mm512_slli_epi32(acc3, 7);
  }

  template <class Finish>
  inline __attribute__((always_inline)) void finish(int i, const Finish& take) const {
    take(i, 0, acc0);
    if constexpr (Panels > 1) take(i, 1, acc1);
    if constexpr (Panels > 2) take(i, 2, acc2);
    if constexpr (Panels > 3) take(i, 3, acc3);
  }
};

template <Bytes bytes>
inline __attribute__((always_inline)) __m512i load_panel(const int8_t* b) {
  const __m512i columns = _mm512_loadu_si512(b);
  return bytes == Bytes::biased_rhs ? _mm512_xor_si512(columns, _mm512_set1_epi8(-128)) : columns;
}

// Hands acc[i][j] = rows x panels to finish(i, j, acc). rows: `Rows` of them, row_stride bytes apart; panels: [k/4][16][4] each, panel_stride
// bytes apart. first_rows, where given, is multiplied first and shifted left by 7: the upper halves of 14-bit rows.
template <Bytes bytes, int Rows, int Panels, class Finish>
inline __attribute__((always_inline)) void multiply_tile(const void* rows, const void* first_rows, size_t row_stride, const int8_t* panels,
                                                         size_t panel_stride, size_t k, const Finish& finish) {
  TileRow<bytes, Panels> row0, row1, row2, row3, row4, row5;
  const auto accumulate = [&](const void* lhs) __attribute__((always_inline)) {
    const int8_t* a = static_cast<const int8_t*>(lhs);
    const int8_t* a3 = a + 3 * row_stride;
    const int8_t* b = panels;
    for (const int8_t* end = b + k * 16; b != end; a += 4, a3 += 4, b += 64) {
      const __m512i b0 = load_panel<bytes>(b);
      const __m512i b1 = Panels > 1 ? load_panel<bytes>(b + panel_stride) : b0;
      const __m512i b2 = Panels > 2 ? load_panel<bytes>(b + 2 * panel_stride) : b0;
      const __m512i b3 = Panels > 3 ? load_panel<bytes>(b + 3 * panel_stride) : b0;
      row0.add(a, b0, b1, b2, b3);
      if constexpr (Rows > 1) row1.add(a + row_stride, b0, b1, b2, b3);
      if constexpr (Rows > 2) row2.add(a + 2 * row_stride, b0, b1, b2, b3);
      if constexpr (Rows > 3) row3.add(a3, b0, b1, b2, b3);
      if constexpr (Rows > 4) row4.add(a3 + row_stride, b0, b1, b2, b3);
      if constexpr (Rows > 5) row5.add(a3 + 2 * row_stride, b0, b1, b2, b3);
    }
  };
  if (first_rows) {
    accumulate(first_rows);
    row0.shift_left_7();
    if constexpr (Rows > 1) row1.shift_left_7();
    if constexpr (Rows > 2) row2.shift_left_7();
    if constexpr (Rows > 3) row3.shift_left_7();
    if constexpr (Rows > 4) row4.shift_left_7();
    if constexpr (Rows > 5) row5.shift_left_7();
  }
  accumulate(rows);
  row0.finish(0, finish);
  if constexpr (Rows > 1) row1.finish(1, finish);
  if constexpr (Rows > 2) row2.finish(2, finish);
  if constexpr (Rows > 3) row3.finish(3, finish);
  if constexpr (Rows > 4) row4.finish(4, finish);
  if constexpr (Rows > 5) row5.finish(5, finish);
}

// Calls body.run<Rows>() for a run-time count.
template <class Body>
inline __attribute__((always_inline)) void for_rows(size_t rows, const Body& body) {
  switch (rows) {
    case 1: return body.template run<1>();
    case 2: return body.template run<2>();
    case 3: return body.template run<3>();
    case 4: return body.template run<4>();
    case 5: return body.template run<5>();
    default: return body.template run<6>();
  }
}

// Lanes of a vector of 16 that columns from `at` on leave valid.
inline __mmask16 lanes_left(size_t at, size_t end) { return end - at >= 16 ? 0xffff : static_cast<__mmask16>((1u << (end - at)) - 1); }

}  // namespace
}  // namespace vitro
