// SPDX-License-Identifier: Apache-2.0
#include "runtime/picture/colours.h"

#include <string.h>

#include "runtime/picture/simd.h"

namespace vitro::picture {

namespace {

constexpr Format kFormats[] = {
    {1, {3}, {1}, {1}, false, false},                   // RGB
    {1, {3}, {1}, {1}, false, false},                   // BGR
    {1, {4}, {1}, {1}, false, false},                   // RGBA
    {1, {4}, {1}, {1}, false, false},                   // BGRA
    {1, {1}, {1}, {1}, true, false},                    // grey
    {2, {1, 2}, {1, 2}, {1, 2}, false, true},           // NV12
    {2, {1, 2}, {1, 2}, {1, 2}, false, true},           // NV21
    {3, {1, 1, 1}, {1, 2, 2}, {1, 2, 2}, false, true},  // I420
    {1, {4}, {2}, {1}, false, true},                    // YUYV
};

// Kr = 0.299, Kb = 0.114; Kr = 0.2126, Kb = 0.0722. rv = 2 (1 - Kr), bu = 2 (1 - Kb),
// gu = -bu Kb / Kg, gv = -rv Kr / Kg; times 255/219 and 255/224 where the range is limited.
constexpr Matrix kMatrices[] = {
    {1220945, 1673555, -410793, -852458, 2115221, 16},
    {1048576, 1470104, -360853, -748826, 1858077, 0},
    {1220945, 1879825, -223607, -558796, 2215014, 16},
    {1048576, 1651297, -196424, -490864, 1945738, 0},
};

constexpr size_t kPairs = 16;  // of pixels that share U and V, at once

// Y, U and V of some pairs of pixels, in order.
struct Chunk {
  uint8_t y[2 * kPairs], u[kPairs], v[kPairs];
};

#if defined(VITRO_PICTURE_SSE2)

// A coefficient is upper * 2^11 + lower, so that both fit in 16 bits.
constexpr int kLowerBits = 11;

// Pairs of 16-bit values, times pairs of coefficients: exact sums of 32 bits.
struct Pair {
  __m128i upper, lower;

  Pair(int32_t first, int32_t second)
      : upper(_mm_set1_epi32(both(first >> kLowerBits, second >> kLowerBits))),
        lower(_mm_set1_epi32(both(first & kMask, second & kMask))) {}
  __m128i times(__m128i values) const {
    return _mm_add_epi32(_mm_slli_epi32(_mm_madd_epi16(values, upper), kLowerBits),
                         _mm_madd_epi16(values, lower));
  }

 private:
  static constexpr int32_t kMask = (1 << kLowerBits) - 1;
  static int32_t both(int32_t low, int32_t high) {
    return static_cast<int32_t>(static_cast<uint32_t>(low & 0xffff) | static_cast<uint32_t>(high)
                                                                          << 16);
  }
};

// Eight sums of luma and chroma as bytes, in the lower half of each 16 bits.
__m128i to_words(__m128i luma_low, __m128i luma_high, const __m128i (&chroma)[2]) {
  return _mm_packs_epi32(_mm_srai_epi32(_mm_add_epi32(luma_low, chroma[0]), kMatrixBits),
                         _mm_srai_epi32(_mm_add_epi32(luma_high, chroma[1]), kMatrixBits));
}

void to_rgb(const Matrix& m, const Chunk& c, uint8_t* red, uint8_t* green, uint8_t* blue) {
  const __m128i zero = _mm_setzero_si128(), centre = _mm_set1_epi16(128);
  const __m128i bias = _mm_set1_epi32((1 << (kMatrixBits - 1)) - m.y * m.black);
  const Pair of_luma(m.y, 0), of_red(m.rv, 0), of_green(m.gu, m.gv), of_blue(m.bu, 0);
  uint8_t* const planes[3] = {red, green, blue};
  for (size_t i = 0; i < kPairs; i += 8) {
    const auto load = [](const void* from) {
      return _mm_loadl_epi64(static_cast<const __m128i*>(from));
    };
    const __m128i u = _mm_sub_epi16(_mm_unpacklo_epi8(load(c.u + i), zero), centre);
    const __m128i v = _mm_sub_epi16(_mm_unpacklo_epi8(load(c.v + i), zero), centre);
    const __m128i values[3][2] = {{_mm_unpacklo_epi16(v, zero), _mm_unpackhi_epi16(v, zero)},
                                  {_mm_unpacklo_epi16(u, v), _mm_unpackhi_epi16(u, v)},
                                  {_mm_unpacklo_epi16(u, zero), _mm_unpackhi_epi16(u, zero)}};
    const __m128i y = _mm_loadu_si128(reinterpret_cast<const __m128i*>(c.y + 2 * i));
    const __m128i even = _mm_and_si128(y, _mm_set1_epi16(255)), odd = _mm_srli_epi16(y, 8);
    const __m128i even_low = of_luma.times(_mm_unpacklo_epi16(even, zero)),
                  even_high = of_luma.times(_mm_unpackhi_epi16(even, zero)),
                  odd_low = of_luma.times(_mm_unpacklo_epi16(odd, zero)),
                  odd_high = of_luma.times(_mm_unpackhi_epi16(odd, zero));
    const Pair* const pairs[3] = {&of_red, &of_green, &of_blue};
    for (size_t p = 0; p < 3; ++p) {
      const __m128i chroma[2] = {_mm_add_epi32(pairs[p]->times(values[p][0]), bias),
                                 _mm_add_epi32(pairs[p]->times(values[p][1]), bias)};
      const __m128i bytes = _mm_packus_epi16(to_words(even_low, even_high, chroma),
                                             to_words(odd_low, odd_high, chroma));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(planes[p] + 2 * i),
                       _mm_unpacklo_epi8(bytes, _mm_unpackhi_epi64(bytes, bytes)));
    }
  }
}

#elif defined(VITRO_PICTURE_NEON)

// Four and four sums of luma and chroma as bytes.
uint8x8_t to_bytes(const int32x4_t (&luma)[2], const int32x4_t (&chroma)[2]) {
  const uint16x4_t low = vqshrun_n_s32(vaddq_s32(luma[0], chroma[0]), 16),
                   high = vqshrun_n_s32(vaddq_s32(luma[1], chroma[1]), 16);
  return vqshrn_n_u16(vcombine_u16(low, high), kMatrixBits - 16);
}

void to_rgb(const Matrix& m, const Chunk& c, uint8_t* red, uint8_t* green, uint8_t* blue) {
  const int32x4_t bias = vdupq_n_s32((1 << (kMatrixBits - 1)) - m.y * m.black);
  uint8_t* const planes[3] = {red, green, blue};
  for (size_t i = 0; i < kPairs; i += 8) {
    const uint8x8_t centre = vdup_n_u8(128);
    const int16x8_t u = vreinterpretq_s16_u16(vsubl_u8(vld1_u8(c.u + i), centre)),
                    v = vreinterpretq_s16_u16(vsubl_u8(vld1_u8(c.v + i), centre));
    const int32x4_t us[2] = {vmovl_s16(vget_low_s16(u)), vmovl_s16(vget_high_s16(u))},
                    vs[2] = {vmovl_s16(vget_low_s16(v)), vmovl_s16(vget_high_s16(v))};
    int32x4_t chroma[3][2];
    for (size_t k = 0; k < 2; ++k) {
      chroma[0][k] = vmlaq_n_s32(bias, vs[k], m.rv);
      chroma[1][k] = vmlaq_n_s32(vmlaq_n_s32(bias, us[k], m.gu), vs[k], m.gv);
      chroma[2][k] = vmlaq_n_s32(bias, us[k], m.bu);
    }
    const uint8x8x2_t y = vld2_u8(c.y + 2 * i);
    int32x4_t luma[2][2];
    for (size_t k = 0; k < 2; ++k) {
      const uint16x8_t words = vmovl_u8(y.val[k]);
      luma[k][0] = vmulq_n_s32(vreinterpretq_s32_u32(vmovl_u16(vget_low_u16(words))), m.y);
      luma[k][1] = vmulq_n_s32(vreinterpretq_s32_u32(vmovl_u16(vget_high_u16(words))), m.y);
    }
    for (size_t p = 0; p < 3; ++p)
      vst2_u8(planes[p] + 2 * i,
              (uint8x8x2_t{{to_bytes(luma[0], chroma[p]), to_bytes(luma[1], chroma[p])}}));
  }
}

#else

uint8_t to_byte(int32_t x) {
  x >>= kMatrixBits;
  return static_cast<uint8_t>(x < 0 ? 0 : x > 255 ? 255 : x);
}

// Writes 2 * kPairs bytes of each plane.
void to_rgb(const Matrix& m, const Chunk& c, uint8_t* red, uint8_t* green, uint8_t* blue) {
  int32_t r[kPairs], g[kPairs], b[kPairs];
  const int32_t bias = (1 << (kMatrixBits - 1)) - m.y * m.black;
  for (size_t i = 0; i < kPairs; ++i) {
    const int32_t u = c.u[i] - 128, v = c.v[i] - 128;
    r[i] = m.rv * v + bias;
    g[i] = m.gu * u + m.gv * v + bias;
    b[i] = m.bu * u + bias;
  }
  for (size_t i = 0; i < kPairs; ++i) {
    const int32_t left = m.y * c.y[2 * i], right = m.y * c.y[2 * i + 1];
    red[2 * i] = to_byte(left + r[i]);
    red[2 * i + 1] = to_byte(right + r[i]);
    green[2 * i] = to_byte(left + g[i]);
    green[2 * i + 1] = to_byte(right + g[i]);
    blue[2 * i] = to_byte(left + b[i]);
    blue[2 * i + 1] = to_byte(right + b[i]);
  }
}

#endif

// From an even column on; the last pair may have one pixel alone.
void gather(vitro_pixel_format format, const uint8_t* const lines[3], size_t column, size_t pixels,
            Chunk& c) {
  const size_t pairs = (pixels + 1) / 2, pair = column / 2;
  if (format == VITRO_PIXELS_YUYV) {
    const uint8_t* from = lines[0] + pair * 4;
    for (size_t i = 0; i < pairs; ++i, from += 4) {
      c.y[2 * i] = from[0];
      c.u[i] = from[1];
      c.y[2 * i + 1] = from[2];
      c.v[i] = from[3];
    }
    return;
  }
  memcpy(c.y, lines[0] + column, pixels);
  if (format == VITRO_PIXELS_I420) {
    memcpy(c.u, lines[1] + pair, pairs);
    memcpy(c.v, lines[2] + pair, pairs);
    return;
  }
  const uint8_t* from = lines[1] + pair * 2;
  uint8_t* const first = format == VITRO_PIXELS_NV12 ? c.u : c.v;
  uint8_t* const second = format == VITRO_PIXELS_NV12 ? c.v : c.u;
  for (size_t i = 0; i < pairs; ++i) {
    first[i] = from[2 * i];
    second[i] = from[2 * i + 1];
  }
}

void split_chroma(const vitro_frame& frame, const uint8_t* const lines[3], const Part& part,
                  uint8_t* out, size_t plane) {
  const Matrix& matrix = matrix_of(frame.colours);
  Chunk chunk;
  size_t column = part.first;
  for (; column + 2 * kPairs <= part.end; column += 2 * kPairs, out += 2 * kPairs) {
    gather(frame.format, lines, column, 2 * kPairs, chunk);
    to_rgb(matrix, chunk, out, out + plane, out + 2 * plane);
  }
  if (column == part.end) return;
  memset(&chunk, 0, sizeof chunk);
  gather(frame.format, lines, column, part.end - column, chunk);
  uint8_t rgb[3][2 * kPairs];
  to_rgb(matrix, chunk, rgb[0], rgb[1], rgb[2]);
  for (size_t p = 0; p < 3; ++p) memcpy(out + p * plane, rgb[p], part.end - column);
}

template <size_t pixel_bytes>
void split_packed(const uint8_t* from, size_t pixels, uint8_t* first, uint8_t* second,
                  uint8_t* third) {
  for (size_t i = 0; i < pixels; ++i, from += pixel_bytes) {
    first[i] = from[0];
    second[i] = from[1];
    third[i] = from[2];
  }
}

}  // namespace

const Format* format_of(unsigned format) {
  return format < sizeof kFormats / sizeof *kFormats ? &kFormats[format] : nullptr;
}

const Matrix& matrix_of(vitro_colours colours) { return kMatrices[colours - VITRO_COLOURS_BT601]; }

void split_line(const vitro_frame& frame, const uint8_t* const lines[3], const Part& part,
                uint8_t* out, size_t plane) {
  const size_t pixels = part.end - part.first;
  uint8_t *const second = out + plane, *const third = second + plane;
  switch (frame.format) {
    case VITRO_PIXELS_RGB:
      return split_packed<3>(lines[0] + part.first * 3, pixels, out, second, third);
    case VITRO_PIXELS_BGR:
      return split_packed<3>(lines[0] + part.first * 3, pixels, third, second, out);
    case VITRO_PIXELS_RGBA:
      return split_packed<4>(lines[0] + part.first * 4, pixels, out, second, third);
    case VITRO_PIXELS_BGRA:
      return split_packed<4>(lines[0] + part.first * 4, pixels, third, second, out);
    case VITRO_PIXELS_GREY: memcpy(out, lines[0] + part.first, pixels); return;
    default: return split_chroma(frame, lines, part, out, plane);
  }
}

}  // namespace vitro::picture
