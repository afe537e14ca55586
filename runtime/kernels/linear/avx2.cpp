// linear for AVX2: four rows x 32 columns in int32, then the outputs, 16 columns at a time.
#include "runtime/kernels/avx2_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx2 {

namespace {

constexpr size_t kPanelsAtOnce = 2;  // their weights stay in L1 for all rows

// Sixteen outputs of a row: y, and where they go.
struct Outputs {
  __m256 low, high;
  size_t m, n;     // the first one's row and column
  size_t columns;  // of the 16, how many there are

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
};

__m256 requantised(const LinearArgs& args, const int32_t* acc, const RowParams& row, size_t n) {
  const __m256i correction = _mm256_mullo_epi32(_mm256_set1_epi32(row.zero_point), load(args.weight_sum + n));
  const __m256 exact = _mm256_cvtepi32_ps(_mm256_sub_epi32(load(acc), correction));
  const __m256 scaled = _mm256_mul_ps(_mm256_mul_ps(exact, _mm256_set1_ps(row.scale)), _mm256_loadu_ps(args.scale + n));
  return _mm256_add_ps(scaled, _mm256_loadu_ps(args.bias + n));
}

__m256i round_clamped(__m256 y, float limit_low, float limit_high) {
  return _mm256_cvtps_epi32(_mm256_min_ps(_mm256_max_ps(y, _mm256_set1_ps(limit_low)), _mm256_set1_ps(limit_high)));
}

// Saturates.
__m256i narrow16(__m256i low, __m256i high) { return _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8); }

__m128i round_s8(const Outputs& y) {
  const __m256i wide = narrow16(round_clamped(y.low, -127.0f, 127.0f), round_clamped(y.high, -127.0f, 127.0f));
  return _mm_packs_epi16(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
}

__m256i horner(__m256i r, __m256i w, int16_t c) { return _mm256_add_epi16(_mm256_mulhrs_epi16(r, w), _mm256_set1_epi16(c)); }

__m256i gelu(__m256i h, unsigned fraction_bits) {
  const __m256i magnitude = _mm256_min_epu16(_mm256_abs_epi16(h), _mm256_set1_epi16(static_cast<int16_t>((4 << fraction_bits) - 1)));
  const __m256i t = _mm256_sll_epi16(magnitude, _mm_cvtsi32_si128(static_cast<int>(14 - fraction_bits)));
  const __m256i w = _mm256_xor_si256(t, _mm256_set1_epi16(INT16_MIN));  // - 32768 mod 2^16
  __m256i r = _mm256_set1_epi16(-2770);
  r = horner(r, w, 1965);
  r = horner(r, w, 7982);
  r = horner(r, w, -10745);
  r = horner(r, w, 403);
  r = horner(r, w, 7293);
  r = horner(r, w, -5616);
  r = horner(r, w, 1485);
  const __m256i bump = _mm256_mulhrs_epi16(r, _mm256_set1_epi16(static_cast<int16_t>(1 << fraction_bits)));
  return _mm256_subs_epi16(_mm256_max_epi16(h, _mm256_setzero_si256()), bump);
}

void store_s16(const LinearArgs& args, const Outputs& y, __m256i values) {
  int16_t* dst = static_cast<int16_t*>(args.dst) + y.at(args);
  if (y.columns == 16) return store(dst, values);
  int16_t lanes[16];
  store(lanes, values);
  memcpy(dst, lanes, y.columns * 2);
}

void store_fixed(const LinearArgs& args, const Outputs& y) {
  const __m256i h = narrow16(round_clamped(y.low, -32768.0f, 32767.0f), round_clamped(y.high, -32768.0f, 32767.0f));
  store_s16(args, y, args.output == LinearOutput::gelu ? gelu(h, args.fraction_bits) : h);
}

void store_residual(const LinearArgs& args, const Outputs& y) {
  const int16_t* addend = static_cast<const int16_t*>(args.addend) + y.at(args);
  int16_t lanes[16] = {};
  if (y.columns < 16) addend = static_cast<const int16_t*>(memcpy(lanes, addend, y.columns * 2));
  const __m256i before = load(addend);
  const __m256i h = narrow16(round_clamped(y.low, -32768.0f, 32767.0f), round_clamped(y.high, -32768.0f, 32767.0f));
  store_s16(args, y, _mm256_adds_epi16(before, h));
}

void store_float(const LinearArgs& args, const Outputs& y) {
  float* dst = static_cast<float*>(args.dst) + y.at(args);
  const float* addend = static_cast<const float*>(args.addend);
  if (addend) addend += y.at(args);
  float lanes[16] = {};
  if (addend && y.columns < 16) addend = static_cast<const float*>(memcpy(lanes, addend, y.columns * 4));
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

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four columns.
void store_keys(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m, head_bytes = (args.tokens + 15) / 16 * args.head_dim * 16;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 16 * args.head_dim * 16 + token % 16 * 4;
  alignas(16) int8_t bytes[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes), round_s8(y));
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  for (size_t j = 0; j < y.columns; j += 4) {
    memcpy(dst + head * head_bytes + d * 16, bytes + j, 4);
    d += 4;
    if (d == args.head_dim) {
      d = 0;
      ++head;
    }
  }
}

// Sixteen columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m, quads = (args.tokens + 3) / 4;
  const size_t head_bytes = (args.head_dim + 15) / 16 * quads * 64;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 4 * 64 + token % 4;
  alignas(16) int8_t bytes[16];
  _mm_store_si128(reinterpret_cast<__m128i*>(bytes), round_s8(y));
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  if (args.head_dim % 16 == 0 && y.columns == 16) {  // all in one panel
    dst += head * head_bytes + d / 16 * quads * 64 + d % 16 * 4;
    for (size_t j = 0; j < 16; ++j) dst[j * 4] = bytes[j];
    return;
  }
  for (size_t j = 0; j < y.columns; ++j) {
    dst[head * head_bytes + d / 16 * quads * 64 + d % 16 * 4] = bytes[j];
    if (++d == args.head_dim) {
      d = 0;
      ++head;
    }
  }
}

void store_outputs(const LinearArgs& args, const Outputs& y) {
  switch (args.output) {
    case LinearOutput::f32: return store_float(args, y);
    case LinearOutput::s16:
    case LinearOutput::gelu: return store_fixed(args, y);
    case LinearOutput::residual: return store_residual(args, y);
    case LinearOutput::s8: return store_bytes(args, y);
    case LinearOutput::keys: return store_keys(args, y);
    case LinearOutput::values: return store_values(args, y);
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  constexpr size_t kColumns = kPanelsAtOnce * 16;
  alignas(32) int32_t acc[kTileRows][kColumns];
  for (size_t n = 0; n < args.n; n += kColumns) {
    const size_t panels = args.n - n > 16 ? kPanelsAtOnce : 1;
    for (size_t m = 0; m < args.m; m += kTileRows) {
      const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
      multiply_s8(args.src + m * args.k, args.k, rows, {args.weights + n * args.k, args.k * 16, panels}, args.k, acc[0], kColumns);
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < panels * 16; j += 16) {
          const RowParams& row = args.src_rows[m + i];
          const size_t left = args.n - n - j;
          store_outputs(args, {requantised(args, acc[i] + j, row, n + j), requantised(args, acc[i] + j + 8, row, n + j + 8), m + i, n + j,
                               left < 16 ? left : 16});
        }
    }
  }
}

}  // namespace vitro::avx2
