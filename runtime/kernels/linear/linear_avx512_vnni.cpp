// SPDX-License-Identifier: Apache-2.0
// linear for AVX-512-VNNI: rows + 128 against signed weights, so the zero point grows by 128.
// Outputs leave 32 columns at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX512_VNNI)
VITRO_TARGET_AVX512_VNNI

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/linear/avx512_gelu.h"
#include "runtime/kernels/linear/weights_ahead.h"
#include "runtime/kernels/tiles/avx512_full_tile.h"
#include "runtime/kernels/tiles/avx512_vnni_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::avx512_vnni {

namespace {

constexpr size_t kColumns = kTilePanels * 16;

// What 16 columns are requantised with.
struct Channels {
  __m512i weight_sum;
  __m512 scale, bias;

  Channels(const LinearArgs& args, size_t n, bool present) {
    const __mmask16 lanes = present ? 0xffff : 0;
    weight_sum = _mm512_maskz_loadu_epi32(lanes, args.weight_sum + n);
    scale = _mm512_maskz_loadu_ps(lanes, args.scale + n);
    bias = _mm512_maskz_loadu_ps(lanes, args.bias + n);
  }

  __m512 requantise(const int32_t* acc, __m512i zero_point, __m512 row_scale) const {
    const __m512 exact = _mm512_cvtepi32_ps(
        _mm512_sub_epi32(_mm512_load_si512(acc), _mm512_mullo_epi32(zero_point, weight_sum)));
    return _mm512_add_ps(_mm512_mul_ps(_mm512_mul_ps(exact, row_scale), scale), bias);
  }
};

// 32 outputs of row m from column n on, of which `columns` are there.
struct Outputs {
  __m512 low, high;
  size_t m, n, columns;

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
  __mmask32 lanes() const { return columns >= 32 ? 0xffffffffu : (1u << columns) - 1; }
};

// Upper limits are for the conversion, which gives INT32_MIN for what is too large; what is too
// small saturates with it.
__m512i round_below(__m512 y, float limit) {
  return _mm512_cvtps_epi32(_mm512_min_ps(y, _mm512_set1_ps(limit)));
}

__m512i round_s16(const Outputs& y) {
  const __m512i packed =
      _mm512_packs_epi32(round_below(y.low, 32767.0f), round_below(y.high, 32767.0f));
  return _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed);
}

__m256i round_s8(const Outputs& y) {
  const __m512i packed =
      _mm512_packs_epi32(round_below(y.low, 127.0f), round_below(y.high, 127.0f));
  const __m256i bytes = _mm512_cvtsepi16_epi8(
      _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7), packed));
  return _mm256_max_epi8(bytes, _mm256_set1_epi8(-127));
}

void store_s16(const LinearArgs& args, const Outputs& y, __m512i values) {
  _mm512_mask_storeu_epi16(static_cast<int16_t*>(args.dst) + y.at(args), y.lanes(), values);
}

void store_residual(const LinearArgs& args, const Outputs& y) {
  const __m512i before =
      _mm512_maskz_loadu_epi16(y.lanes(), static_cast<const int16_t*>(args.addend) + y.at(args));
  store_s16(args, y, _mm512_adds_epi16(before, round_s16(y)));
}

void store_float(const LinearArgs& args, const Outputs& y) {
  const __mmask16 lanes[] = {static_cast<__mmask16>(y.lanes()),
                             static_cast<__mmask16>(y.lanes() >> 16)};
  const __m512 values[] = {y.low, y.high};
  float* dst = static_cast<float*>(args.dst) + y.at(args);
  for (int half = 0; half < 2; ++half) {
    __m512 value = values[half];
    if (args.addend)
      value = _mm512_add_ps(
          value, _mm512_maskz_loadu_ps(
                     lanes[half], static_cast<const float*>(args.addend) + y.at(args) + half * 16));
    _mm512_mask_storeu_ps(dst + half * 16, lanes[half], value);
  }
}

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four
// columns.
void store_keys(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m,
               head_bytes = VITRO_KEY_HEAD_BYTES(args.tokens, args.head_dim);
  int8_t* dst = VITRO_KEY_TOKEN(static_cast<int8_t*>(args.dst), token, args.head_dim);
  alignas(32) int8_t bytes[32];
  _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), round_s8(y));
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  for (size_t j = 0; j < 32 && j < y.columns; j += 4) {
    memcpy(VITRO_KEY_COLUMN(dst + head * head_bytes, d), bytes + j, 4);
    d += 4;
    if (d == args.head_dim) {
      d = 0;
      ++head;
    }
  }
}

// Sixteen columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m, quads = VITRO_VALUE_QUADS(args.tokens);
  const size_t head_bytes = VITRO_VALUE_HEAD_BYTES(args.head_dim, quads);
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 4 * 64;
  const __m256i bytes = round_s8(y);
  if (args.head_dim % 16 == 0) {
    const __mmask64 every_fourth = 0x1111111111111111ull << (token % 4);
    const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(token % 4 * 8));
    const __m512i spread[] = {_mm512_cvtepu8_epi32(_mm256_castsi256_si128(bytes)),
                              _mm512_cvtepu8_epi32(_mm256_extracti128_si256(bytes, 1))};
    for (size_t half = 0; half < 2 && half * 16 < y.columns; ++half) {
      const size_t head = (y.n + half * 16) / args.head_dim, d = (y.n + half * 16) % args.head_dim;
      _mm512_mask_storeu_epi8(dst + head * head_bytes + d / 16 * quads * 64, every_fourth,
                              _mm512_sll_epi32(spread[half], shift));
    }
    return;
  }
  alignas(32) int8_t lanes[32];
  _mm256_store_si256(reinterpret_cast<__m256i*>(lanes), bytes);
  for (size_t j = 0; j < 32 && j < y.columns; ++j) {
    const size_t head = (y.n + j) / args.head_dim, d = (y.n + j) % args.head_dim;
    dst[VITRO_VALUE_COLUMN(head * head_bytes, d, quads) + token % 4] = lanes[j];
  }
}

template <LinearOutput output>
VITRO_INLINE void store(const LinearArgs& args, const Outputs& y) {
  if constexpr (output == LinearOutput::f32) store_float(args, y);
  if constexpr (output == LinearOutput::s16) store_s16(args, y, round_s16(y));
  if constexpr (output == LinearOutput::gelu) {
    __m512i h[] = {round_s16(y)};
    gelu(h, args.fraction_bits);
    store_s16(args, y, h[0]);
  }
  if constexpr (output == LinearOutput::residual) store_residual(args, y);
  if constexpr (output == LinearOutput::s8)
    _mm256_mask_storeu_epi8(static_cast<int8_t*>(args.dst) + y.at(args), y.lanes(), round_s8(y));
  if constexpr (output == LinearOutput::keys) store_keys(args, y);
  if constexpr (output == LinearOutput::values) store_values(args, y);
}

using Accumulators = int32_t[kTileRows][kColumns];

// Columns outside, rows inside: what columns are requantised with stays in registers.
template <LinearOutput output>
void finish(const LinearArgs& args, const Accumulators& acc, size_t m, size_t rows, size_t n,
            size_t columns) {
  for (size_t j = 0; j < columns; j += 32) {
    const Channels low(args, n + j, true), high(args, n + j + 16, columns - j > 16);
    for (size_t i = 0; i < rows; ++i) {
      const RowParams& row = args.src_rows[m + i];
      const __m512i zero_point = _mm512_set1_epi32(row.zero_point + 128);
      const __m512 scale = _mm512_set1_ps(row.scale);
      store<output>(
          args, {low.requantise(&acc[i][j], zero_point, scale),
                 high.requantise(&acc[i][j + 16], zero_point, scale), m + i, n + j, columns - j});
    }
  }
}

// A tile at an edge, by way of memory.
template <LinearOutput output>
__attribute__((noinline)) void edge_tile(const LinearArgs& args, size_t m, size_t rows, size_t n,
                                         size_t columns) {
  alignas(64) Accumulators acc;
  const Panels panels{args.weights + n * args.k, args.k * 16, (columns + 15) / 16};
  multiply<Signs::lhs_plus_128>({args.src + m * args.k, args.k, rows}, panels, args.k, acc[0],
                                kColumns);
  finish<output>(args, acc, m, rows, n, columns);
}

// Weights of so many bytes stay in L2 while they are used for one row after another.
constexpr size_t kGroupBytes = 256 * 1024;
using Ahead = WeightsAhead<kTileRows, kColumns>;

size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

// Columns outside, rows inside: the weights of 64 columns stay close for all rows.
template <LinearOutput output>
void run(const LinearArgs& args) {
  Copies copies;
  const size_t most_rows = copies.most(args.k), block = most_rows ? most_rows : kTileRows;
  const size_t group = kGroupBytes / args.k / kColumns * kColumns,
               most_columns = group ? group : kColumns;
  const Ahead ahead(args, most_columns);
  const bool whole = output != LinearOutput::f32 && has_full_tile(args);
  for (size_t n0 = 0; n0 < args.n; n0 += most_columns) {
    const size_t n1 = smaller(args.n, n0 + most_columns);
    for (size_t m0 = 0; m0 < args.m; m0 += block) {
      const size_t m1 = smaller(args.m, m0 + block);
      if (whole && most_rows) copies.copy(args.src + m0 * args.k, (m1 - m0) * args.k);
      for (size_t n = n0; n < n1; n += kColumns) {
        const size_t columns = smaller(args.n - n, kColumns);
        for (size_t m = m0; m < m1; m += kTileRows) {
          const size_t rows = smaller(args.m - m, kTileRows);
          if constexpr (output != LinearOutput::f32)
            if (whole && rows == kTileRows && columns == kColumns) {
              const WholeTile at{copies, (m - m0) * args.k, m, n, ahead.of(m, n)};
              if constexpr (output == LinearOutput::keys || output == LinearOutput::values)
                full_packed_tile<output>(args, at);
              else if constexpr (output == LinearOutput::s8)
                args.is_static ? full_tile<output, true>(args, at)
                               : full_tile<output, false>(args, at);
              else
                full_tile<output, false>(args, at);
              continue;
            }
          edge_tile<output>(args, m, rows, n, columns);
        }
      }
    }
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  switch (args.output) {
    case LinearOutput::f32: return run<LinearOutput::f32>(args);
    case LinearOutput::s16: return run<LinearOutput::s16>(args);
    case LinearOutput::gelu: return run<LinearOutput::gelu>(args);
    case LinearOutput::residual: return run<LinearOutput::residual>(args);
    case LinearOutput::s8: return run<LinearOutput::s8>(args);
    case LinearOutput::keys: return run<LinearOutput::keys>(args);
    case LinearOutput::values: return run<LinearOutput::values>(args);
  }
}

}  // namespace vitro::avx512_vnni

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX512_VNNI
