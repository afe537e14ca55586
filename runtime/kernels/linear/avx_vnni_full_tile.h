// SPDX-License-Identifier: Apache-2.0
// linear for AVX-VNNI where whole tiles of 6 x 16 outputs are wanted: sums become outputs without
// leaving the registers, row by row. For linear/linear_avx_vnni.cpp alone; everything has internal
// linkage, so that no other object can pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/linear/avx2_outputs.h"
#include "runtime/kernels/linear/weights_ahead.h"
#include "runtime/kernels/tiles/avx_vnni_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

constexpr size_t kTileColumns = 16;
// Rows that are made ready at once.
constexpr size_t kMostRows = 48;

// Sums start from what the zero points take away, zero_point + 128 times a column's sum of weights.
// That sum has at most 22 bits, so that one vpmaddwd multiplies its two parts, 7 bits and the rest,
// where vpmulld would be two slow instructions.
inline int32_t start_factor(int32_t zero_point) {
  const int32_t factor = -128 - zero_point;  // -255 .. 0: 128 times it has 16 bits
  return static_cast<int32_t>(static_cast<uint32_t>(factor) << 23 | (factor & 0xffff));
}

struct ColumnStart {
  __m256i low, high;

  explicit ColumnStart(const int32_t* weight_sum)
      : low(parts(load(weight_sum))), high(parts(load(weight_sum + 8))) {}

  VITRO_INLINE void row(TileRow& sums, int32_t factor) const {
    const __m256i factors = _mm256_set1_epi32(factor);
    sums.low = _mm256_madd_epi16(low, factors);
    sums.high = _mm256_madd_epi16(high, factors);
  }

  static VITRO_INLINE __m256i parts(__m256i sum) {
    return _mm256_blend_epi16(_mm256_slli_epi32(sum, 9),
                              _mm256_and_si256(sum, _mm256_set1_epi32(127)), 0x55);
  }
};

// Rows m .. m + count - 1, count a multiple of kTileRows: unsigned bytes where there is room for
// copies of whole rows, else the rows themselves.
struct WholeRows {
  const int8_t* first;
  bool copied;
  size_t m, count;
  int32_t start_factors[kMostRows];

  __attribute__((noinline)) void make_factors(const RowParams* rows) {
    for (size_t i = 0; i < count; ++i) {
      int32_t factor = start_factor(rows[m + i].zero_point);
      __asm__("" : "+r"(factor));  // or GCC makes 800 bytes of vectors of it
      start_factors[i] = factor;
    }
  }
};

// The sums of the tile's rows m .. m + 5, columns n .. n + 15, to outputs.
class FullOutputs {
 public:
  VITRO_INLINE FullOutputs(const LinearArgs& args, size_t m, size_t n)
      : rows_(args.src_rows + m), scale_(args.scale + n), bias_(args.bias + n) {}

  // Sixteen outputs of int16.
  VITRO_INLINE __m256i words(size_t i, const TileRow& sums) const {
    return _mm256_permute4x64_epi64(packed(i, sums, 32767.0f), 0xd8);
  }

  // Sixteen outputs of int8 of each of two rows: in the lower half columns 0-3 and 8-11 of the
  // first row, then those of the second; in the upper half the others.
  VITRO_INLINE __m256i pair(size_t i, const TileRow& first, const TileRow& second) const {
    return _mm256_max_epi8(
        _mm256_packs_epi16(packed(i, first, 127.0f), packed(i + 1, second, 127.0f)),
        _mm256_set1_epi8(-127));
  }

  // Outputs of columns n .. n + 7, before they are rounded.
  VITRO_INLINE __m256 real(size_t i, __m256i sums, size_t n) const {
    const __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(sums), _mm256_set1_ps(rows_[i].scale));
    return _mm256_add_ps(_mm256_mul_ps(scaled, _mm256_loadu_ps(scale_ + n)),
                         _mm256_loadu_ps(bias_ + n));
  }

 private:
  // Columns 0-3, 8-11, 4-7, 12-15, saturated.
  VITRO_INLINE __m256i packed(size_t i, const TileRow& sums, float limit) const {
    return _mm256_packs_epi32(round_below(real(i, sums.low, 0), limit),
                              round_below(real(i, sums.high, 8), limit));
  }

  const RowParams* rows_;
  const float *scale_, *bias_;
};

// Packed keys or values of one panel of columns, whose tokens come two at a time, the first of them
// even. Two lie in memory as half of four, so that they wait for the others.
template <LinearOutput output>
class PackedPanel {
 public:
  PackedPanel(const LinearArgs& args, size_t n) : args_(args) {
    const size_t head = n / args.head_dim, d = n % args.head_dim;
    int8_t* const dst = static_cast<int8_t*>(args.dst);
    if constexpr (output == LinearOutput::keys) {
      panel_ = dst + head * VITRO_KEY_HEAD_BYTES(args.tokens, args.head_dim) + d * 16;
    } else {
      const size_t quads = VITRO_VALUE_QUADS(args.tokens);
      panel_ =
          VITRO_VALUE_COLUMN(dst + head * VITRO_VALUE_HEAD_BYTES(args.head_dim, quads), d, quads);
    }
  }

  // Of a tile's rows, from `token` on.
  VITRO_INLINE void put(size_t token, __m256i first, __m256i second, __m256i third) {
    first = sorted(first);
    second = sorted(second);
    third = sorted(third);
    if (token % 4 == 0) {
      put_four(token, first, second);
      store(waiting_, third);
      waits_ = true;
      return;
    }
    if (waits_)
      put_four(token - 2, load(waiting_), first);
    else
      put_two(token, first);
    put_four(token + 2, second, third);
    waits_ = false;
  }

  // What still waits: of the two tokens before `token`.
  void finish(size_t token) const {
    if (waits_) put_two(token - 2, load(waiting_));
  }

 private:
  // Columns 0-3 and 8-11 of two tokens, 4-7 and 12-15: four bytes of each, or one.
  static VITRO_INLINE __m256i sorted(__m256i pair) {
    if constexpr (output == LinearOutput::keys) return _mm256_shuffle_epi32(pair, 0xd8);
    return _mm256_shuffle_epi8(
        pair, _mm256_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15, 0, 8, 1, 9, 2,
                               10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
  }

  int8_t* at(size_t token) const {
    if constexpr (output == LinearOutput::keys)
      return VITRO_KEY_TOKEN(panel_, token, args_.head_dim);
    return panel_ + token / 4 * 64;
  }

  VITRO_INLINE void put_four(size_t token, __m256i first, __m256i second) const {
    int8_t* const dst = at(token);
    if constexpr (output == LinearOutput::keys) {
      const __m256i low = _mm256_unpacklo_epi64(first, second),
                    high = _mm256_unpackhi_epi64(first, second);
      const auto put = [&](size_t column, __m128i four) __attribute__((always_inline)) {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + column * 16), four);
      };
      put(0, _mm256_castsi256_si128(low));
      put(4, _mm256_extracti128_si256(low, 1));
      put(8, _mm256_castsi256_si128(high));
      put(12, _mm256_extracti128_si256(high, 1));
    } else {
      store(dst, _mm256_unpacklo_epi16(first, second));
      store(dst + 32, _mm256_unpackhi_epi16(first, second));
    }
  }

  // The other half of the four may be another thread's.
  void put_two(size_t token, __m256i pair) const {
    alignas(32) int8_t bytes[32];
    store(bytes, pair);
    for (size_t half = 0; half < 2; ++half)
      for (size_t group = 0; group < 2; ++group) {
        const int8_t* const src = bytes + half * 16 + group * 8;
        const size_t column = group * 8 + half * 4;
        if constexpr (output == LinearOutput::keys) {
          memcpy(at(token) + column * 16, src, 8);
        } else {
          for (size_t j = 0; j < 4; ++j)
            memcpy(at(token) + (column + j) * 4 + token % 4, src + j * 2, 2);
        }
      }
  }

  const LinearArgs& args_;
  int8_t* panel_;
  alignas(32) int8_t waiting_[32];
  bool waits_ = false;
};

// Arguments of the gelu of a tile, which stay in dst until the next tile's are there: so the
// products of the one fill the time that the other waits for its own.
class LaterGelu {
 public:
  explicit LaterGelu(const LinearArgs& args)
      : gelu_(args.fraction_bits), stride_(args.dst_stride) {}

  VITRO_INLINE void after(int16_t* tile) {
    if (before_) apply();
    before_ = tile;
  }

  // Of the last tile: one vector after the other, in a loop of few bytes.
  void finish() const {
    if (!before_) return;
#pragma GCC unroll 1
    for (size_t i = 0; i < kTileRows; ++i) {
      __m256i h[] = {load(before_ + i * stride_)};
      gelu_.apply(h);
      store(before_ + i * stride_, h[0]);
    }
  }

 private:
  VITRO_INLINE void apply() const {
    int16_t *const x = before_, *const x3 = x + 3 * stride_;
    __m256i h[] = {load(x),  load(x + stride_),  load(x + 2 * stride_),
                   load(x3), load(x3 + stride_), load(x3 + 2 * stride_)};
    gelu_.apply(h);
    store(x, h[0]);
    store(x + stride_, h[1]);
    store(x + 2 * stride_, h[2]);
    store(x3, h[3]);
    store(x3 + stride_, h[4]);
    store(x3 + 2 * stride_, h[5]);
  }

  const Gelu gelu_;
  size_t stride_;
  int16_t* before_ = nullptr;
};

// The outputs of a tile, row by row, wherever rows lie one behind the other.
template <LinearOutput output>
VITRO_INLINE void put_rows(const LinearArgs& args, const FullOutputs& out, size_t m, size_t n,
                           const FullTile& tile, LaterGelu& later) {
  const size_t at = m * args.dst_stride + n, stride = args.dst_stride;
  if constexpr (output == LinearOutput::s8) {
    int8_t* const dst = static_cast<int8_t*>(args.dst) + at;
    const auto put = [&](size_t i, __m256i pair) __attribute__((always_inline)) {
      const __m256i rows =
          _mm256_permutevar8x32_epi32(pair, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + i * stride), _mm256_castsi256_si128(rows));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + (i + 1) * stride),
                       _mm256_extracti128_si256(rows, 1));
    };
    put(0, out.pair(0, tile.row0, tile.row1));
    put(2, out.pair(2, tile.row2, tile.row3));
    put(4, out.pair(4, tile.row4, tile.row5));
    return;
  }
  if constexpr (output == LinearOutput::f32) {
    float* const dst = static_cast<float*>(args.dst) + at;
    const float* const addend = static_cast<const float*>(args.addend);
    const auto put = [&](size_t i, const TileRow& sums) __attribute__((always_inline)) {
      __m256 low = out.real(i, sums.low, 0), high = out.real(i, sums.high, 8);
      if (addend) {
        low = _mm256_add_ps(low, _mm256_loadu_ps(addend + at + i * stride));
        high = _mm256_add_ps(high, _mm256_loadu_ps(addend + at + i * stride + 8));
      }
      _mm256_storeu_ps(dst + i * stride, low);
      _mm256_storeu_ps(dst + i * stride + 8, high);
    };
    put(0, tile.row0);
    put(1, tile.row1);
    put(2, tile.row2);
    put(3, tile.row3);
    put(4, tile.row4);
    put(5, tile.row5);
    return;
  }
  int16_t* const dst = static_cast<int16_t*>(args.dst) + at;
  const auto put = [&](size_t i, __m256i y) __attribute__((always_inline)) {
    if constexpr (output == LinearOutput::residual)
      y = _mm256_adds_epi16(load(static_cast<const int16_t*>(args.addend) + at + i * stride), y);
    store(dst + i * stride, y);
  };
  put(0, out.words(0, tile.row0));
  put(1, out.words(1, tile.row1));
  put(2, out.words(2, tile.row2));
  put(3, out.words(3, tile.row3));
  put(4, out.words(4, tile.row4));
  put(5, out.words(5, tile.row5));
  if constexpr (output == LinearOutput::gelu) later.after(dst);
}

using Ahead = WeightsAhead<kTileRows, kTileColumns>;
// Longer rows read their own weights from L2 for every tile, and fetching, which asks L2 too, costs
// them more than it saves the next linear (Zen 4: 3 % of DeiT-Ti's fc2): they fetch what is in L1.
constexpr size_t kLongestThatFetches = 512;

// Whole tiles of rows, one below the other, and 16 columns from n on.
template <LinearOutput output>
__attribute__((noinline)) void full_tiles(const LinearArgs& args, const WholeRows& rows, size_t n,
                                          const Ahead& ahead, LaterGelu& later) {
  constexpr bool packed = output == LinearOutput::keys || output == LinearOutput::values;
  const ColumnStart start(args.weight_sum + n);
  const auto panel = [&] {
    if constexpr (packed)
      return PackedPanel<output>(args, n);
    else
      return 0;
  };
  auto packed_panel = panel();
  for (size_t i = 0; i < rows.count; i += kTileRows) {
    const size_t m = rows.m + i;
    const int32_t* const factors = rows.start_factors + i;
    FullTile tile;
    start.row(tile.row0, factors[0]);
    start.row(tile.row1, factors[1]);
    start.row(tile.row2, factors[2]);
    start.row(tile.row3, factors[3]);
    start.row(tile.row4, factors[4]);
    start.row(tile.row5, factors[5]);
    const int8_t *src = rows.first + i * args.k, *weights = args.weights + n * args.k;
    const Ahead::Fetch fetch = args.k > kLongestThatFetches
                                   ? Ahead::Fetch{reinterpret_cast<const char*>(src), 0}
                                   : ahead.of(m, n);
    if (rows.copied)
      tile.template add<Signs::lhs_unsigned>(src, args.k, weights, args.k, fetch);
    else
      tile.template add<Signs::lhs_plus_128>(src, args.k, weights, args.k, fetch);
    const FullOutputs out(args, m, n);
    if constexpr (packed)
      packed_panel.put(args.first_token + m, out.pair(0, tile.row0, tile.row1),
                       out.pair(2, tile.row2, tile.row3), out.pair(4, tile.row4, tile.row5));
    else
      put_rows<output>(args, out, m, n, tile, later);
  }
  if constexpr (packed) packed_panel.finish(args.first_token + rows.m + rows.count);
}

// Only where two tokens of a tile always lie together, and so do 16 columns.
inline bool has_full_tiles(const LinearArgs& args) {
  const bool packed = args.output == LinearOutput::keys || args.output == LinearOutput::values;
  return !packed || (args.head_dim % 16 == 0 && args.first_token % 2 == 0);
}

}  // namespace
}  // namespace vitro
