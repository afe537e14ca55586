// SPDX-License-Identifier: Apache-2.0
#include "runtime/picture/lines.h"

namespace vitro::picture {

namespace {

constexpr int32_t kHalf = 1 << (kWeightBits - 1);

void copy_line(const Outputs& columns, const PlanarLine& line, size_t base, uint8_t* out,
               ptrdiff_t step) {
  for (size_t o = 0; o < columns.count; ++o, out += step) {
    const uint8_t* pixel = line.data + (columns.first[o] - base);
    for (size_t p = 0; p < line.planes; ++p) out[p] = pixel[p * line.plane];
  }
}

#if defined(VITRO_PICTURE_SSE2) || defined(VITRO_PICTURE_NEON)
// weight = upper * 2^12 + lower, 0 <= lower < 2^12. Sums of upper parts are shifted together: the
// final sum fits in 32 bits, whatever overflows on the way.
constexpr int kLowerBits = 12;
int16_t upper(int32_t weight) { return static_cast<int16_t>(weight >> kLowerBits); }
int16_t lower(int32_t weight) { return static_cast<int16_t>(weight & ((1 << kLowerBits) - 1)); }
#endif

#if defined(VITRO_PICTURE_SSE2)

using Sums = __m128i;

// Four partial sums for each of the planes, whose sum is the result.
template <size_t planes>
void multiply(const uint8_t* pixels, size_t plane, const int32_t* weights, size_t count,
              Sums (&sums)[planes]) {
  const __m128i zero = _mm_setzero_si128();
  __m128i high[planes], low[planes];
  for (size_t p = 0; p < planes; ++p) high[p] = low[p] = zero;
  for (size_t i = 0; i < count; i += 8, weights += 8, pixels += 8) {
    const __m128i w_high = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights));
    const __m128i w_low = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + 4));
    for (size_t p = 0; p < planes; ++p) {
      const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(pixels + p * plane));
      const __m128i x = _mm_unpacklo_epi8(bytes, zero);
      high[p] = _mm_add_epi32(high[p], _mm_madd_epi16(x, w_high));
      low[p] = _mm_add_epi32(low[p], _mm_madd_epi16(x, w_low));
    }
  }
  for (size_t p = 0; p < planes; ++p)
    sums[p] = _mm_add_epi32(_mm_slli_epi32(high[p], kLowerBits), low[p]);
}

// The pixel of sums a, b, c in bytes 0, 1, 2.
uint32_t to_pixel(Sums a, Sums b, Sums c) {
  const __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(a, b), _mm_unpackhi_epi32(a, b));
  const __m128i cc = _mm_add_epi32(_mm_unpacklo_epi32(c, c), _mm_unpackhi_epi32(c, c));
  const __m128i sum = _mm_add_epi32(_mm_unpacklo_epi64(ab, cc), _mm_unpackhi_epi64(ab, cc));
  const __m128i x = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(kHalf)), kWeightBits);
  const __m128i words = _mm_packs_epi32(x, x);
  return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(words, words)));
}

#elif defined(VITRO_PICTURE_NEON)

using Sums = int32x4_t;

#if defined(__aarch64__)
int32x4_t add_upper_products(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_high_s16(sum, a, b);
}
int32x4_t add_pairs(int32x4_t a, int32x4_t b) { return vpaddq_s32(a, b); }
#else
int32x4_t add_upper_products(int32x4_t sum, int16x8_t a, int16x8_t b) {
  return vmlal_s16(sum, vget_high_s16(a), vget_high_s16(b));
}
int32x4_t add_pairs(int32x4_t a, int32x4_t b) {
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}
#endif

template <size_t planes>
void multiply(const uint8_t* pixels, size_t plane, const int32_t* weights, size_t count,
              Sums (&sums)[planes]) {
  int32x4_t high[planes], low[planes];
  for (size_t p = 0; p < planes; ++p) high[p] = low[p] = vdupq_n_s32(0);
  for (size_t i = 0; i < count; i += 8, weights += 8, pixels += 8) {
    const int16x8_t w_high = vreinterpretq_s16_s32(vld1q_s32(weights));
    const int16x8_t w_low = vreinterpretq_s16_s32(vld1q_s32(weights + 4));
    for (size_t p = 0; p < planes; ++p) {
      const int16x8_t x = vreinterpretq_s16_u16(vmovl_u8(vld1_u8(pixels + p * plane)));
      high[p] = vmlal_s16(high[p], vget_low_s16(x), vget_low_s16(w_high));
      low[p] = vmlal_s16(low[p], vget_low_s16(x), vget_low_s16(w_low));
      high[p] = add_upper_products(high[p], x, w_high);
      low[p] = add_upper_products(low[p], x, w_low);
    }
  }
  for (size_t p = 0; p < planes; ++p) sums[p] = vaddq_s32(vshlq_n_s32(high[p], kLowerBits), low[p]);
}

uint32_t to_pixel(Sums a, Sums b, Sums c) {
  const int32x4_t sum = add_pairs(add_pairs(a, b), add_pairs(c, c));
  const int32x4_t x = vshrq_n_s32(vaddq_s32(sum, vdupq_n_s32(kHalf)), kWeightBits);
  const uint16x4_t words = vqmovun_s32(x);
  return vget_lane_u32(vreinterpret_u32_u8(vqmovn_u16(vcombine_u16(words, words))), 0);
}

#else

uint8_t to_pixel(int32_t sum) {
  sum >>= kWeightBits;
  return static_cast<uint8_t>(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

#endif

}  // namespace

#if defined(VITRO_PICTURE_SSE2) || defined(VITRO_PICTURE_NEON)

void set_column_weight(void* table, size_t output, size_t input, int32_t weight) {
  const Outputs& outputs = *static_cast<const Outputs*>(table);
  int32_t* group = outputs.weights + output * outputs.stride + input / 8 * 8;
  const int16_t high = upper(weight), low = lower(weight);
  memcpy(reinterpret_cast<char*>(group) + input % 8 * 2, &high, sizeof high);
  memcpy(reinterpret_cast<char*>(group) + 16 + input % 8 * 2, &low, sizeof low);
}

void resize_line(const Outputs& columns, const PlanarLine& line, size_t base, uint8_t* out,
                 ptrdiff_t step) {
  if (columns.copies) return copy_line(columns, line, base, out, step);
  const Outputs c = columns;  // stores through `out` could change the original
  const PlanarLine l = line;
  const int32_t* weights = c.weights;
  for (size_t o = 0; o < c.count; ++o, out += step, weights += c.stride) {
    if (l.planes == 3) {
      Sums sums[3];
      multiply(l.data + (c.first[o] - base), l.plane, weights, c.stride, sums);
      const uint32_t pixel = to_pixel(sums[0], sums[1], sums[2]);
      const uint16_t red_green = static_cast<uint16_t>(pixel);
      memcpy(out, &red_green, sizeof red_green);
      out[2] = static_cast<uint8_t>(pixel >> 16);
    } else {
      Sums sums[1];
      multiply(l.data + (c.first[o] - base), 0, weights, c.stride, sums);
      out[0] = static_cast<uint8_t>(to_pixel(sums[0], sums[0], sums[0]));
    }
  }
}

#else

void set_column_weight(void* table, size_t output, size_t input, int32_t weight) {
  const Outputs& outputs = *static_cast<const Outputs*>(table);
  outputs.weights[output * outputs.stride + input] = weight;
}

void resize_line(const Outputs& columns, const PlanarLine& line, size_t base, uint8_t* out,
                 ptrdiff_t step) {
  if (columns.copies) return copy_line(columns, line, base, out, step);
  for (size_t o = 0; o < columns.count; ++o, out += step) {
    const int32_t* weights = columns.weights_of(o);
    for (size_t p = 0; p < line.planes; ++p) {
      const uint8_t* pixels = line.data + p * line.plane + (columns.first[o] - base);
      int32_t sum = kHalf;
      for (size_t i = 0; i < columns.inputs[o]; ++i) sum += weights[i] * pixels[i];
      out[p] = to_pixel(sum);
    }
  }
}

#endif

#if defined(VITRO_PICTURE_SSE2)

void set_row_weight(void* table, size_t output, size_t input, int32_t weight) {
  const Outputs& outputs = *static_cast<const Outputs*>(table);
  int32_t* pair = outputs.weights + output * outputs.stride + input / 2 * 2;
  const int16_t high = upper(weight), low = lower(weight);
  memcpy(reinterpret_cast<char*>(pair) + input % 2 * 2, &high, sizeof high);
  memcpy(reinterpret_cast<char*>(pair + 1) + input % 2 * 2, &low, sizeof low);
}

void blend_lines(const Outputs& rows, size_t output, const Ring& held, uint8_t* out) {
  const size_t first = rows.first[output], count = rows.inputs[output];
  if (rows.copies) {
    memcpy(out, held.at(first), held.line_bytes);
    return;
  }
  const __m128i zero = _mm_setzero_si128();
  const uint8_t* const start = held.at(first);
  const uint8_t* const end = held.data + held.lines * held.line_bytes;
  for (size_t at = 0; at < held.line_bytes; at += kPiece) {
    __m128i high[4] = {zero, zero, zero, zero}, low[4] = {zero, zero, zero, zero};
    const uint8_t* line = start;
    const int32_t* weights = rows.weights_of(output);
    for (size_t i = 0; i < count; i += 2, weights += 2) {
      const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i*>(line + at));
      line = line + held.line_bytes < end ? line + held.line_bytes : held.data;
      // Where there is no second line, its weight is 0.
      const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i*>(line + at));
      line = line + held.line_bytes < end ? line + held.line_bytes : held.data;
      const __m128i w_high = _mm_set1_epi32(weights[0]), w_low = _mm_set1_epi32(weights[1]);
      const __m128i bytes[2] = {_mm_unpacklo_epi8(a, b), _mm_unpackhi_epi8(a, b)};
      for (size_t k = 0; k < 4; ++k) {
        const __m128i x =
            k % 2 ? _mm_unpackhi_epi8(bytes[k / 2], zero) : _mm_unpacklo_epi8(bytes[k / 2], zero);
        high[k] = _mm_add_epi32(high[k], _mm_madd_epi16(x, w_high));
        low[k] = _mm_add_epi32(low[k], _mm_madd_epi16(x, w_low));
      }
    }
    __m128i sums[4];
    for (size_t k = 0; k < 4; ++k) {
      const __m128i sum = _mm_add_epi32(_mm_slli_epi32(high[k], kLowerBits), low[k]);
      sums[k] = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(kHalf)), kWeightBits);
    }
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(out + at),
        _mm_packus_epi16(_mm_packs_epi32(sums[0], sums[1]), _mm_packs_epi32(sums[2], sums[3])));
  }
}

#else

void set_row_weight(void* table, size_t output, size_t input, int32_t weight) {
  const Outputs& outputs = *static_cast<const Outputs*>(table);
  outputs.weights[output * outputs.stride + input] = weight;
}

void blend_lines(const Outputs& rows, size_t output, const Ring& held, uint8_t* out) {
  const size_t first = rows.first[output], count = rows.inputs[output];
  if (rows.copies) {
    memcpy(out, held.at(first), held.line_bytes);
    return;
  }
  const uint8_t* const start = held.at(first);
  const uint8_t* const end = held.data + held.lines * held.line_bytes;
  const int32_t* weights = rows.weights_of(output);
  for (size_t at = 0; at < held.line_bytes; at += kPiece) {
    const uint8_t* line = start + at;
#if defined(VITRO_PICTURE_NEON)
    int32x4_t sums[4];
    for (int32x4_t& sum : sums) sum = vdupq_n_s32(kHalf);
    for (size_t i = 0; i < count; ++i) {
      const uint8x16_t bytes = vld1q_u8(line);
      const uint16x8_t left = vmovl_u8(vget_low_u8(bytes)), right = vmovl_u8(vget_high_u8(bytes));
      const uint16x4_t words[4] = {vget_low_u16(left), vget_high_u16(left), vget_low_u16(right),
                                   vget_high_u16(right)};
      for (size_t k = 0; k < 4; ++k)
        sums[k] = vmlaq_n_s32(sums[k], vreinterpretq_s32_u32(vmovl_u16(words[k])), weights[i]);
      line += held.line_bytes;
      if (line >= end) line -= held.lines * held.line_bytes;
    }
    uint16x4_t words[4];
    for (size_t k = 0; k < 4; ++k) words[k] = vqmovun_s32(vshrq_n_s32(sums[k], kWeightBits));
    vst1q_u8(out + at, vcombine_u8(vqmovn_u16(vcombine_u16(words[0], words[1])),
                                   vqmovn_u16(vcombine_u16(words[2], words[3]))));
#else
    int32_t sums[kPiece];
    for (int32_t& sum : sums) sum = kHalf;
    for (size_t i = 0; i < count; ++i) {
      for (size_t x = 0; x < kPiece; ++x) sums[x] += weights[i] * line[x];
      line += held.line_bytes;
      if (line >= end) line -= held.lines * held.line_bytes;
    }
    for (size_t x = 0; x < kPiece; ++x) out[at + x] = to_pixel(sums[x]);
#endif
  }
}

#endif

}  // namespace vitro::picture
