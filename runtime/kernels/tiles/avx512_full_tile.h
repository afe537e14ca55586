// SPDX-License-Identifier: Apache-2.0
// linear for AVX-512-VNNI where a whole tile of 6 x 64 outputs is wanted: sums become outputs
// without leaving the registers, row by row. For linear/linear_avx512_vnni.cpp alone; internal
// linkage.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/linear/avx512_gelu.h"
#include "runtime/kernels/linear/unsigned_rows.h"
#include "runtime/kernels/tiles/avx512_vnni_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

// What is done with the sums of rows m .. m + 5, columns n .. n + 63. A static linear's float
// operations may be in any order, and so fused.
template <bool is_static>
class FullOutputs {
 public:
  FullOutputs(const LinearArgs& args, size_t m, size_t n)
      : args_(args), m_(m), n_(n), rows_(args.src_rows + m) {}

  // A row of 64 int16, 32 in each half.
  struct Words {
    __m512i low, high;
  };

  template <class TileRow>
  VITRO_INLINE Words words(size_t i, const TileRow& sums) const {
    const Integers y = requantise(i, sums, 32767.0f);
    const __m512i order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    return {_mm512_permutexvar_epi64(order, _mm512_packs_epi32(y.y0, y.y1)),
            _mm512_permutexvar_epi64(order, _mm512_packs_epi32(y.y2, y.y3))};
  }

  template <class TileRow>
  VITRO_INLINE __m512i bytes(size_t i, const TileRow& sums) const {
    const Integers y = requantise(i, sums, 127.0f);
    const __m512i packed =
        _mm512_packs_epi16(_mm512_packs_epi32(y.y0, y.y1), _mm512_packs_epi32(y.y2, y.y3));
    const __m512i sorted = _mm512_permutexvar_epi32(
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15), packed);
    return _mm512_max_epi8(sorted, _mm512_set1_epi8(-127));
  }

  VITRO_INLINE void put(size_t i, Words words) const {
    int16_t* dst = static_cast<int16_t*>(args_.dst) + at(i);
    _mm512_storeu_si512(dst, words.low);
    _mm512_storeu_si512(dst + 32, words.high);
  }

  VITRO_INLINE void put_residual(size_t i, Words words) const {
    const int16_t* addend = static_cast<const int16_t*>(args_.addend) + at(i);
    put(i, {_mm512_adds_epi16(_mm512_loadu_si512(addend), words.low),
            _mm512_adds_epi16(_mm512_loadu_si512(addend + 32), words.high)});
  }

  VITRO_INLINE void put_gelu(size_t i, Words first, Words second, Words third) const {
    __m512i h[] = {first.low, first.high, second.low, second.high, third.low, third.high};
    gelu(h, args_.fraction_bits);
    put(i, {h[0], h[1]});
    put(i + 1, {h[2], h[3]});
    put(i + 2, {h[4], h[5]});
  }

  VITRO_INLINE void put(size_t i, __m512i bytes) const {
    _mm512_storeu_si512(static_cast<int8_t*>(args_.dst) + at(i), bytes);
  }

 private:
  struct Integers {
    __m512i y0, y1, y2, y3;
  };

  size_t at(size_t i) const { return (m_ + i) * args_.dst_stride + n_; }

  // Upper limits are for the conversion, which gives INT32_MIN for what is too large; what is too
  // small saturates when it is packed.
  template <class TileRow>
  VITRO_INLINE Integers requantise(size_t i, const TileRow& sums, float limit) const {
    const __m512 row_scale = _mm512_set1_ps(rows_[i].scale);
    const auto integer = [&](__m512i acc, size_t n) __attribute__((always_inline)) {
      const __m512 exact = _mm512_cvtepi32_ps(acc), scale = _mm512_loadu_ps(args_.scale + n),
                   bias = _mm512_loadu_ps(args_.bias + n);
      const __m512 y =
          is_static ? _mm512_fmadd_ps(exact, scale, bias)
                    : _mm512_add_ps(_mm512_mul_ps(_mm512_mul_ps(exact, row_scale), scale), bias);
      return _mm512_cvtps_epi32(_mm512_min_ps(y, _mm512_set1_ps(limit)));
    };
    return {integer(sums.acc0, n_), integer(sums.acc1, n_ + 16), integer(sums.acc2, n_ + 32),
            integer(sums.acc3, n_ + 48)};
  }

  const LinearArgs& args_;
  size_t m_, n_;
  const RowParams* rows_;
};

// Where four times 16 columns of a packed tensor begin; 16 lie in one head, since head_dim is a
// multiple of 16.
struct Sixteens {
  int8_t *at0, *at1, *at2, *at3;

  Sixteens(const LinearArgs& args, size_t n) {
    const bool keys = args.output == LinearOutput::keys;
    const size_t column_bytes = keys ? 16 : VITRO_VALUE_QUADS(args.tokens) * 4,
                 head_bytes =
                     args.head_dim * (keys ? VITRO_KEY_PANELS(args.tokens) * 16 : column_bytes);
    const auto at = [&](size_t column) {
      return static_cast<int8_t*>(args.dst) + column / args.head_dim * head_bytes +
             column % args.head_dim * column_bytes;
    };
    at0 = at(n);
    at1 = at(n + 16);
    at2 = at(n + 32);
    at3 = at(n + 48);
  }
};

// Keys: four columns of a token lie together, those of the next token beside them, 16 tokens in 64
// bytes; the next four columns follow. So two tokens, the first of them even, are 8 bytes.
VITRO_INLINE void put_two_keys(const Sixteens& columns, const LinearArgs& args, size_t token,
                               __m512i first, __m512i second) {
  const __m512i low = _mm512_unpacklo_epi32(first, second),
                high = _mm512_unpackhi_epi32(first, second);  // columns 0-7, 8-15 of each sixteen
  const size_t token_at = VITRO_KEY_TOKEN(0, token, args.head_dim);
  const auto put = [&](int8_t * dst, __m128i l, __m128i h) __attribute__((always_inline)) {
    _mm_storel_pi(reinterpret_cast<__m64*>(dst + token_at), _mm_castsi128_ps(l));
    _mm_storeh_pi(reinterpret_cast<__m64*>(dst + token_at + 64), _mm_castsi128_ps(l));
    _mm_storel_pi(reinterpret_cast<__m64*>(dst + token_at + 128), _mm_castsi128_ps(h));
    _mm_storeh_pi(reinterpret_cast<__m64*>(dst + token_at + 192), _mm_castsi128_ps(h));
  };
  put(columns.at0, _mm512_castsi512_si128(low), _mm512_castsi512_si128(high));
  put(columns.at1, _mm512_extracti32x4_epi32(low, 1), _mm512_extracti32x4_epi32(high, 1));
  put(columns.at2, _mm512_extracti32x4_epi32(low, 2), _mm512_extracti32x4_epi32(high, 2));
  put(columns.at3, _mm512_extracti32x4_epi32(low, 3), _mm512_extracti32x4_epi32(high, 3));
}

// Values: four tokens of a column lie together, 16 columns in 64 bytes. So two tokens, the first of
// them even, are half of each four.
VITRO_INLINE void put_two_values(const Sixteens& columns, size_t token, __m512i first,
                                 __m512i second) {
  const __m512i low = _mm512_unpacklo_epi8(first, second),
                high = _mm512_unpackhi_epi8(first, second);  // columns 0-7, 8-15 of each sixteen
  const __mmask32 every_second = token % 4 ? 0xaaaaaaaa : 0x55555555;
  const __m512i shift = _mm512_set1_epi32(token % 4 ? 16 : 0);
  const auto put = [&](int8_t * dst, int which) __attribute__((always_inline)) {
    const __m512i order =
        _mm512_add_epi64(_mm512_setr_epi64(0, 1, 8, 9, 0, 0, 0, 0), _mm512_set1_epi64(which * 2));
    const __m512i spread =
        _mm512_cvtepu16_epi32(_mm512_castsi512_si256(_mm512_permutex2var_epi64(low, order, high)));
    _mm512_mask_storeu_epi16(dst + token / 4 * 64, every_second, _mm512_sllv_epi32(spread, shift));
  };
  put(columns.at0, 0);
  put(columns.at1, 1);
  put(columns.at2, 2);
  put(columns.at3, 3);
}

// Only where two tokens of a tile always lie together, and so do 16 columns.
inline bool has_full_tile(const LinearArgs& args) {
  if (args.output == LinearOutput::keys || args.output == LinearOutput::values)
    return args.head_dim % 16 == 0 && args.first_token % 2 == 0;
  return args.output != LinearOutput::f32;
}

// Sums start from what the zero points take away, zero_point + 128 times a column's sum of weights.
// That sum has at most 22 bits, so that one vpmaddwd multiplies its two parts, 7 bits and the rest,
// where vpmulld would be two slow instructions.
class Start {
 public:
  Start(const LinearArgs& args, size_t n)
      : sum0_(parts(args.weight_sum + n)),
        sum1_(parts(args.weight_sum + n + 16)),
        sum2_(parts(args.weight_sum + n + 32)),
        sum3_(parts(args.weight_sum + n + 48)) {}

  template <class TileRow>
  VITRO_INLINE void row(TileRow& sums, int32_t zero_point) const {
    const int32_t factor = -128 - zero_point;  // -255 .. 0: 128 times it has 16 bits
    const __m512i factors = _mm512_set1_epi32(
        static_cast<int32_t>(static_cast<uint32_t>(factor) << 23 | (factor & 0xffff)));
    sums.acc0 = _mm512_madd_epi16(sum0_, factors);
    sums.acc1 = _mm512_madd_epi16(sum1_, factors);
    sums.acc2 = _mm512_madd_epi16(sum2_, factors);
    sums.acc3 = _mm512_madd_epi16(sum3_, factors);
  }

 private:
  static VITRO_INLINE __m512i parts(const int32_t* sums) {
    const __m512i sum = _mm512_loadu_si512(sums);
    return _mm512_mask_mov_epi16(_mm512_slli_epi32(sum, 9), 0x55555555,
                                 _mm512_and_si512(sum, _mm512_set1_epi32(127)));
  }

  __m512i sum0_, sum1_, sum2_, sum3_;
};

using Copies = UnsignedRows<kTileRows>;

// Which whole tile: rows m .. m + 5, columns n .. n + 63. `rows` has row m at `copied`, or room for
// a part of each row where k is more than Copies::kDepth.
struct WholeTile {
  Copies& rows;
  size_t copied, m, n;
  FetchAhead<2> ahead;
};

template <bool is_static>
VITRO_INLINE void add_products(FullTile<Signs::lhs_unsigned>& tile, const LinearArgs& args,
                               const WholeTile& at) {
  const int8_t *src = args.src + at.m * args.k, *weights = args.weights + at.n * args.k;
  {
    const Start start(args, at.n);
    const RowParams* const rows = args.src_rows + at.m;
    start.row(tile.row0, rows[0].zero_point);
    if constexpr (is_static) {
      tile.row1 = tile.row2 = tile.row3 = tile.row4 = tile.row5 = tile.row0;
    } else {
      start.row(tile.row1, rows[1].zero_point);
      start.row(tile.row2, rows[2].zero_point);
      start.row(tile.row3, rows[3].zero_point);
      start.row(tile.row4, rows[4].zero_point);
      start.row(tile.row5, rows[5].zero_point);
    }
  }
  const auto add = [&](const int8_t* rows, size_t stride, size_t depth, size_t part)
      __attribute__((always_inline)) {
    tile.add(rows, stride, weights + depth * 16, args.k * 16, part, at.ahead.after(depth / 4));
  };
  if (args.k <= Copies::kDepth) return add(at.rows.at(at.copied), args.k, 0, args.k);
  for (size_t depth = 0; depth < args.k; depth += Copies::kDepth) {
    const size_t left = args.k - depth, part = left < Copies::kDepth ? left : Copies::kDepth;
    at.rows.copy_tile(src + depth, args.k, part);
    add(at.rows.at(0), Copies::kDepth, depth, part);
  }
}

template <LinearOutput output>
__attribute__((noinline)) void full_packed_tile(const LinearArgs& args, const WholeTile& at) {
  const Sixteens columns(args, at.n);  // before the sums, which hide its divisions
  FullTile<Signs::lhs_unsigned> tile;
  add_products<false>(tile, args, at);
  const FullOutputs<false> out(args, at.m, at.n);
  const auto put_two = [&](size_t i, __m512i first, __m512i second) __attribute__((always_inline)) {
    const size_t token = args.first_token + at.m + i;
    if constexpr (output == LinearOutput::keys) put_two_keys(columns, args, token, first, second);
    if constexpr (output == LinearOutput::values) put_two_values(columns, token, first, second);
  };
  put_two(0, out.bytes(0, tile.row0), out.bytes(1, tile.row1));
  put_two(2, out.bytes(2, tile.row2), out.bytes(3, tile.row3));
  put_two(4, out.bytes(4, tile.row4), out.bytes(5, tile.row5));
}

template <LinearOutput output, bool is_static>
__attribute__((noinline)) void full_tile(const LinearArgs& args, const WholeTile& at) {
  FullTile<Signs::lhs_unsigned> tile;
  add_products<is_static>(tile, args, at);
  const FullOutputs<is_static> out(args, at.m, at.n);
  if constexpr (output == LinearOutput::gelu) {
    const auto y0 = out.words(0, tile.row0), y1 = out.words(1, tile.row1),
               y2 = out.words(2, tile.row2), y3 = out.words(3, tile.row3),
               y4 = out.words(4, tile.row4), y5 = out.words(5, tile.row5);
    out.put_gelu(0, y0, y1, y2);
    out.put_gelu(3, y3, y4, y5);
    return;
  }
  const auto put = [&](size_t i, const auto& sums) __attribute__((always_inline)) {
    if constexpr (output == LinearOutput::s16) out.put(i, out.words(i, sums));
    if constexpr (output == LinearOutput::residual) out.put_residual(i, out.words(i, sums));
    if constexpr (output == LinearOutput::s8) out.put(i, out.bytes(i, sums));
  };
  put(0, tile.row0);
  put(1, tile.row1);
  put(2, tile.row2);
  put(3, tile.row3);
  put(4, tile.row4);
  put(5, tile.row5);
}

}  // namespace
}  // namespace vitro
