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

// One variable for each accumulator: GCC 12 keeps a two-dimensional array of them on the stack.
#define VITRO_ROWS(X) X(0) X(1) X(2) X(3) X(4) X(5)
#define VITRO_PANELS(X) X(0) X(1) X(2) X(3)
#define VITRO_TILE(X) \
  X(0, 0) X(0, 1) X(0, 2) X(0, 3) X(1, 0) X(1, 1) X(1, 2) X(1, 3) X(2, 0) X(2, 1) X(2, 2) X(2, 3) \
  X(3, 0) X(3, 1) X(3, 2) X(3, 3) X(4, 0) X(4, 1) X(4, 2) X(4, 3) X(5, 0) X(5, 1) X(5, 2) X(5, 3)

inline __m512i broadcast4(const void* bytes) {
  int32_t word;
  memcpy(&word, bytes, 4);
  return _mm512_set1_epi32(word);
}

// Hands acc[i][j] = rows x panels to finish(i, j, acc). rows: `Rows` of them, row_stride bytes apart; panels: [k/4][16][4] each, panel_stride
// bytes apart. first_rows, where given, is multiplied first and shifted left by 7: the upper halves of 14-bit rows.
template <Bytes bytes, int Rows, int Panels, class Finish>
inline __attribute__((always_inline)) void multiply_tile(const void* rows, const void* first_rows, size_t row_stride, const int8_t* panels,
                                                         size_t panel_stride, size_t k, const Finish& finish) {
#define X(i, j) __m512i acc##i##j = _mm512_setzero_si512();
  VITRO_TILE(X)
#undef X
  const __m512i bias = _mm512_set1_epi8(-128);
  for (int pass = first_rows ? 0 : 1; pass < 2; ++pass) {
    const int8_t* a = static_cast<const int8_t*>(pass == 0 ? first_rows : rows);
    const int8_t* b = panels;
    if (first_rows && pass == 1) {
#define X(i, j) \
  if constexpr (i < Rows && j < Panels) acc##i##j = _mm512_slli_epi32(acc##i##j, 7);
      VITRO_TILE(X)
#undef X
    }
    for (size_t depth = 0; depth < k; depth += 4, a += 4, b += 64) {
#define X(j)                                                                         \
  __m512i b##j = _mm512_setzero_si512();                                             \
  if constexpr (j < Panels) {                                                        \
    b##j = _mm512_loadu_si512(b + j * panel_stride);                                 \
    if constexpr (bytes == Bytes::biased_rhs) b##j = _mm512_xor_si512(b##j, bias);   \
  }
      VITRO_PANELS(X)
#undef X
#define X(i)                                                                         \
  __m512i a##i = _mm512_setzero_si512();                                             \
  if constexpr (i < Rows) {                                                          \
    a##i = broadcast4(a + i * row_stride);                                           \
    if constexpr (bytes == Bytes::biased_lhs) a##i = _mm512_xor_si512(a##i, bias);   \
  }
      VITRO_ROWS(X)
#undef X
#define X(i, j)                                                                      \
  if constexpr (i < Rows && j < Panels) {                                            \
    if constexpr (bytes == Bytes::biased_rhs)                                        \
      acc##i##j = _mm512_dpbusd_epi32(acc##i##j, b##j, a##i);                        \
    else                                                                             \
      acc##i##j = _mm512_dpbusd_epi32(acc##i##j, a##i, b##j);                        \
  }
      VITRO_TILE(X)
#undef X
    }
  }
#define X(i, j) \
  if constexpr (i < Rows && j < Panels) finish(i, j, acc##i##j);
  VITRO_TILE(X)
#undef X
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
