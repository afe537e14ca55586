// linear for AVX-512-VNNI: rows + 128 against signed weights, so the zero point grows by 128.
#include "runtime/kernels/avx512_vnni_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::avx512_vnni {

namespace {

constexpr size_t kColumns = kTilePanels * 16;

void requantise(const LinearArgs& args, const int32_t* acc, const RowParams& row, size_t n, size_t columns, float* y) {
  for (size_t j = 0; j < columns; j += 16) {
    const __m512i correction = _mm512_mullo_epi32(_mm512_set1_epi32(row.zero_point + 128), _mm512_loadu_si512(args.weight_sum + n + j));
    const __m512 exact = _mm512_cvtepi32_ps(_mm512_sub_epi32(_mm512_load_si512(acc + j), correction));
    const __m512 scaled = _mm512_mul_ps(_mm512_mul_ps(exact, _mm512_set1_ps(row.scale)), _mm512_loadu_ps(args.scale + n + j));
    _mm512_store_ps(y + j, _mm512_add_ps(scaled, _mm512_loadu_ps(args.bias + n + j)));
  }
}

__m512i round_clamped(const float* y, float limit_low, float limit_high) {
  const __m512 clamped = _mm512_min_ps(_mm512_max_ps(_mm512_load_ps(y), _mm512_set1_ps(limit_low)), _mm512_set1_ps(limit_high));
  return _mm512_cvtps_epi32(clamped);
}

__m512i gelu(__m512i h, unsigned fraction_bits) {
  const __m512i magnitude = _mm512_min_epu16(_mm512_abs_epi16(h), _mm512_set1_epi16(static_cast<int16_t>((4 << fraction_bits) - 1)));
  const __m512i t = _mm512_sll_epi16(magnitude, _mm_cvtsi32_si128(static_cast<int>(14 - fraction_bits)));
  const __m512i w = _mm512_xor_si512(t, _mm512_set1_epi16(INT16_MIN));  // - 32768 mod 2^16
  __m512i r = _mm512_set1_epi16(-2770);
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(1965));
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(7982));
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(-10745));
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(403));
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(7293));
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(-5616));
  r = _mm512_add_epi16(_mm512_mulhrs_epi16(r, w), _mm512_set1_epi16(1485));
  const __m512i bump = _mm512_mulhrs_epi16(r, _mm512_set1_epi16(static_cast<int16_t>(1 << fraction_bits)));
  return _mm512_subs_epi16(_mm512_max_epi16(h, _mm512_setzero_si512()), bump);
}

void store_fixed(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  int16_t* dst = static_cast<int16_t*>(args.dst) + m * args.dst_stride + n;
  for (size_t j = 0; j < columns; j += 32) {
    const __m256i low = _mm512_cvtepi32_epi16(round_clamped(y + j, -32768.0f, 32767.0f));
    const __m256i high = _mm512_cvtepi32_epi16(round_clamped(y + j + 16, -32768.0f, 32767.0f));
    __m512i h = _mm512_inserti64x4(_mm512_castsi256_si512(low), high, 1);
    if (args.output == LinearOutput::gelu) h = gelu(h, args.fraction_bits);
    const __mmask32 lanes = columns - j >= 32 ? 0xffffffffu : (1u << (columns - j)) - 1;
    _mm512_mask_storeu_epi16(dst + j, lanes, h);
  }
}

void store_residual(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  const size_t at = m * args.dst_stride + n;
  const int16_t* addend = static_cast<const int16_t*>(args.addend) + at;
  int16_t* dst = static_cast<int16_t*>(args.dst) + at;
  for (size_t j = 0; j < columns; j += 16) {
    const __mmask16 lanes = lanes_left(j, columns);
    const __m512i before = _mm512_cvtepi16_epi32(_mm256_maskz_loadu_epi16(lanes, addend + j));
    const __m512i after = _mm512_add_epi32(before, round_clamped(y + j, -65535.0f, 65535.0f));
    _mm256_mask_storeu_epi16(dst + j, lanes, _mm512_cvtsepi32_epi16(after));
  }
}

void store_float(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  const size_t at = m * args.dst_stride + n;
  for (size_t j = 0; j < columns; j += 16) {
    const __mmask16 lanes = lanes_left(j, columns);
    __m512 value = _mm512_load_ps(y + j);
    if (args.addend) value = _mm512_add_ps(value, _mm512_maskz_loadu_ps(lanes, static_cast<const float*>(args.addend) + at + j));
    _mm512_mask_storeu_ps(static_cast<float*>(args.dst) + at + j, lanes, value);
  }
}

void store_bytes(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  int8_t* dst = static_cast<int8_t*>(args.dst) + m * args.dst_stride + n;
  for (size_t j = 0; j < columns; j += 16)
    _mm_mask_storeu_epi8(dst + j, lanes_left(j, columns), _mm512_cvtepi32_epi8(round_clamped(y + j, -127.0f, 127.0f)));
}

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four columns.
void store_keys(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  const size_t token = args.first_token + m, head_bytes = (args.tokens + 15) / 16 * args.head_dim * 16;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 16 * args.head_dim * 16 + token % 16 * 4;
  alignas(64) int8_t bytes[64];
  for (size_t j = 0; j < columns; j += 16)
    _mm_store_si128(reinterpret_cast<__m128i*>(bytes + j), _mm512_cvtepi32_epi8(round_clamped(y + j, -127.0f, 127.0f)));
  size_t head = n / args.head_dim, d = n % args.head_dim;
  for (size_t j = 0; j < columns; j += 4) {
    memcpy(dst + head * head_bytes + d * 16, bytes + j, 4);
    d += 4;
    if (d == args.head_dim) {
      d = 0;
      ++head;
    }
  }
}

// Sixteen columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  const size_t token = args.first_token + m, quads = (args.tokens + 3) / 4;
  const size_t head_bytes = (args.head_dim + 15) / 16 * quads * 64;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 4 * 64;
  const __mmask64 every_fourth = 0x1111111111111111ull << (token % 4);
  const __m128i shift = _mm_cvtsi32_si128(static_cast<int>(token % 4 * 8));
  if (args.head_dim % 16 == 0) {
    for (size_t j = 0; j < columns; j += 16) {
      const size_t head = (n + j) / args.head_dim, d = (n + j) % args.head_dim;
      const __m512i bytes = _mm512_sll_epi32(round_clamped(y + j, -127.0f, 127.0f), shift);
      _mm512_mask_storeu_epi8(dst + head * head_bytes + d / 16 * quads * 64, every_fourth, bytes);
    }
    return;
  }
  alignas(64) int32_t values[64];
  for (size_t j = 0; j < columns; j += 16) _mm512_store_si512(values + j, round_clamped(y + j, -127.0f, 127.0f));
  for (size_t j = 0; j < columns; ++j) {
    const size_t head = (n + j) / args.head_dim, d = (n + j) % args.head_dim;
    dst[head * head_bytes + d / 16 * quads * 64 + d % 16 * 4 + token % 4] = static_cast<int8_t>(values[j]);
  }
}

void store_row(const LinearArgs& args, const float* y, size_t m, size_t n, size_t columns) {
  switch (args.output) {
    case LinearOutput::f32: return store_float(args, y, m, n, columns);
    case LinearOutput::s16:
    case LinearOutput::gelu: return store_fixed(args, y, m, n, columns);
    case LinearOutput::residual: return store_residual(args, y, m, n, columns);
    case LinearOutput::s8: return store_bytes(args, y, m, n, columns);
    case LinearOutput::keys: return store_keys(args, y, m, n, columns);
    case LinearOutput::values: return store_values(args, y, m, n, columns);
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  alignas(64) int32_t acc[kTileRows][kColumns];
  alignas(64) float y[kColumns];
  // Columns outside, rows inside: the weights of 64 columns stay close for all rows.
  for (size_t n = 0; n < args.n; n += kColumns) {
    const size_t columns = args.n - n < kColumns ? args.n - n : kColumns;
    const Panels panels{args.weights + n * args.k, args.k * 16, (columns + 15) / 16};
    for (size_t m = 0; m < args.m; m += kTileRows) {
      const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
      multiply<Bytes::biased_lhs>({args.src + m * args.k, args.k, rows}, panels, args.k, acc[0], kColumns);
      for (size_t i = 0; i < rows; ++i) {
        requantise(args, acc[i], args.src_rows[m + i], n, columns, y);
        store_row(args, y, m + i, n, columns);
      }
    }
  }
}

}  // namespace vitro::avx512_vnni
