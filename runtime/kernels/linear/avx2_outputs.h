// SPDX-License-Identifier: Apache-2.0
// The outputs of the linears of 256-bit registers, 16 columns at a time: requantisation, GELU,
// residual, and the layouts that they go to. For linear/linear_avx2.cpp and
// linear/linear_avx_vnni.cpp alone; everything has internal linkage, so that no other object can
// pick it up.
#pragma once

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/linear/avx2_gelu.h"
#include "runtime/kernels/tiles/avx2_math.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro {
namespace {

constexpr size_t kBlockColumns = 64;  // requantised at a time

// Sixteen outputs of a row: y, and where they go.
struct Outputs {
  __m256 low, high;
  size_t m, n;     // the first one's row and column
  size_t columns;  // of the 16, how many there are

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
};

// What eight columns are requantised with.
struct Channels {
  __m256i weight_sum;
  __m256 scale, bias;

  Channels(const LinearArgs& args, size_t n)
      : weight_sum(load(args.weight_sum + n)),
        scale(_mm256_loadu_ps(args.scale + n)),
        bias(_mm256_loadu_ps(args.bias + n)) {}

  __m256 requantise(const int32_t* acc, __m256i zero_point, __m256 row_scale) const {
    const __m256 exact =
        _mm256_cvtepi32_ps(_mm256_sub_epi32(load(acc), _mm256_mullo_epi32(zero_point, weight_sum)));
    return _mm256_add_ps(_mm256_mul_ps(_mm256_mul_ps(exact, row_scale), scale), bias);
  }
};

// Upper limits are for the conversion, which gives INT32_MIN for what is too large; what is too
// small saturates with it.
__m256i round_below(__m256 y, float limit) {
  return _mm256_cvtps_epi32(_mm256_min_ps(y, _mm256_set1_ps(limit)));
}

__m256i round_s16(const Outputs& y) {
  return narrow16(round_below(y.low, 32767.0f), round_below(y.high, 32767.0f));
}

__m128i round_s8(const Outputs& y) {
  const __m256i wide = narrow16(round_below(y.low, 127.0f), round_below(y.high, 127.0f));
  return _mm_max_epi8(
      _mm_packs_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1)),
      _mm_set1_epi8(-127));
}

void store_s16(const LinearArgs& args, const Outputs& y, __m256i values) {
  int16_t* dst = static_cast<int16_t*>(args.dst) + y.at(args);
  if (y.columns == 16) return store(dst, values);
  int16_t lanes[16];
  store(lanes, values);
  memcpy(dst, lanes, y.columns * 2);
}

void store_residual(const LinearArgs& args, const Outputs& y) {
  const int16_t* addend = static_cast<const int16_t*>(args.addend) + y.at(args);
  int16_t lanes[16] = {};
  if (y.columns < 16) addend = static_cast<const int16_t*>(memcpy(lanes, addend, y.columns * 2));
  const __m256i before = load(addend);
  store_s16(args, y, _mm256_adds_epi16(before, round_s16(y)));
}

void store_float(const LinearArgs& args, const Outputs& y) {
  float* dst = static_cast<float*>(args.dst) + y.at(args);
  const float* addend = static_cast<const float*>(args.addend);
  if (addend) addend += y.at(args);
  float lanes[16] = {};
  if (addend && y.columns < 16)
    addend = static_cast<const float*>(memcpy(lanes, addend, y.columns * 4));
  float* out = y.columns < 16 ? lanes : dst;
  const __m256 low = addend ? _mm256_add_ps(y.low, _mm256_loadu_ps(addend)) : y.low;
  const __m256 high = addend ? _mm256_add_ps(y.high, _mm256_loadu_ps(addend + 8)) : y.high;
  _mm256_storeu_ps(out, low);
  _mm256_storeu_ps(out + 8, high);
  if (y.columns < 16) memcpy(dst, lanes, y.columns * 4);
}

void store_bytes(const LinearArgs& args, const Outputs& y) {
  int8_t* dst = static_cast<int8_t*>(args.dst) + y.at(args);
  __m128i bytes = round_s8(y);
  if (y.columns == 16) return _mm_storeu_si128(reinterpret_cast<__m128i*>(dst), bytes);
  memcpy(dst, &bytes, y.columns);
}

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four
// columns.
void store_keys(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m,
               head_bytes = VITRO_KEY_HEAD_BYTES(args.tokens, args.head_dim);
  int8_t* dst = VITRO_KEY_TOKEN(static_cast<int8_t*>(args.dst), token, args.head_dim);
  alignas(16) int8_t bytes[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes), round_s8(y));
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  if (args.head_dim % 16 == 0 && y.columns == 16) {  // all of one head
    dst += VITRO_KEY_COLUMN(head * head_bytes, d);
    for (size_t j = 0; j < 4; ++j) memcpy(dst + j * 64, bytes + j * 4, 4);
    return;
  }
  for (size_t j = 0; j < y.columns; j += 4) {
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
  int8_t* dst = VITRO_VALUE_TOKEN(static_cast<int8_t*>(args.dst), token);
  alignas(16) int8_t bytes[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes), round_s8(y));
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  for (size_t j = 0; j < y.columns; ++j) {
    dst[VITRO_VALUE_COLUMN(head * head_bytes, d, quads)] = bytes[j];
    if (++d == args.head_dim) {
      d = 0;
      ++head;
    }
  }
}

template <LinearOutput output>
VITRO_INLINE void store_as(const LinearArgs& args, const Outputs& y) {
  if constexpr (output == LinearOutput::f32) store_float(args, y);
  if constexpr (output == LinearOutput::s16) store_s16(args, y, round_s16(y));
  if constexpr (output == LinearOutput::gelu) {
    __m256i h[] = {round_s16(y)};
    Gelu(args.fraction_bits).apply(h);
    store_s16(args, y, h[0]);
  }
  if constexpr (output == LinearOutput::residual) store_residual(args, y);
  if constexpr (output == LinearOutput::s8) store_bytes(args, y);
  if constexpr (output == LinearOutput::keys) store_keys(args, y);
  if constexpr (output == LinearOutput::values) store_values(args, y);
}

// Of `rows` rows from m on, what a tile left in acc[rows][kBlockColumns] for up to 16 columns.
struct Sixteen {
  const int32_t* acc;
  size_t m, rows, n, columns;
};

// `bias` was added to every element of the rows.
template <LinearOutput output>
VITRO_INLINE void finish_sixteen(const LinearArgs& args, const Sixteen& at, const Channels& low,
                                 const Channels& high, int32_t bias) {
  for (size_t i = 0; i < at.rows; ++i) {
    const RowParams& row = args.src_rows[at.m + i];
    const int32_t* sums = at.acc + i * kBlockColumns;
    const __m256i zero_point = _mm256_set1_epi32(row.zero_point + bias);
    const __m256 scale = _mm256_set1_ps(row.scale);
    store_as<output>(args,
                     {low.requantise(sums, zero_point, scale),
                      high.requantise(sums + 8, zero_point, scale), at.m + i, at.n, at.columns});
  }
}

// Calls run<output> for the output that is asked for.
#define VITRO_BY_OUTPUT(run, args)                                         \
  switch ((args).output) {                                                 \
    case LinearOutput::f32: return run<LinearOutput::f32>(args);           \
    case LinearOutput::s16: return run<LinearOutput::s16>(args);           \
    case LinearOutput::gelu: return run<LinearOutput::gelu>(args);         \
    case LinearOutput::residual: return run<LinearOutput::residual>(args); \
    case LinearOutput::s8: return run<LinearOutput::s8>(args);             \
    case LinearOutput::keys: return run<LinearOutput::keys>(args);         \
    case LinearOutput::values: return run<LinearOutput::values>(args);     \
  }

}  // namespace
}  // namespace vitro
