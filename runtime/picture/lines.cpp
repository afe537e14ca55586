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

#if defined(VITRO_PICTURE_SSE2)

// weight = upper * 2^12 + lower, 0 <= lower < 2^12. Sums of upper parts are shifted together: the
// final sum fits in 32 bits, whatever overflows on the way.
constexpr int kLowerBits = 12;
int16_t upper(int32_t weight) { return static_cast<int16_t>(weight >> kLowerBits); }
int16_t lower(int32_t weight) { return static_cast<int16_t>(weight & ((1 << kLowerBits) - 1)); }

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

// 4 * groups pixels, 32 bits each; 16 are read.
template <size_t groups>
void widen(const uint8_t* from, int32x4_t (&to)[groups]) {
  const uint8x16_t bytes = vld1q_u8(from);
#if defined(__aarch64__)
  for (uint32_t k = 0; k < groups; ++k) {
    // Bytes of other indices than 0 to 15 are 0.
    const uint32x4_t first = {0xffffff00, 0xffffff01, 0xffffff02, 0xffffff03};
    const uint8x16_t index = vreinterpretq_u8_u32(vaddq_u32(first, vdupq_n_u32(4 * k)));
    to[k] = vreinterpretq_s32_u8(vqtbl1q_u8(bytes, index));
  }
#else
  const uint16x8_t left = vmovl_u8(vget_low_u8(bytes)), right = vmovl_u8(vget_high_u8(bytes));
  const uint16x4_t words[4] = {vget_low_u16(left), vget_high_u16(left), vget_low_u16(right),
                               vget_high_u16(right)};
  for (size_t k = 0; k < groups; ++k) to[k] = vreinterpretq_s32_u32(vmovl_u16(words[k]));
#endif
}

// Four partial sums for each of the planes, whose sum is the result. Of more than 16 weights,
// `groups` is 4 and `chunks` how many times 16 there are.
template <size_t planes, size_t groups>
void multiply(const uint8_t* pixels, size_t plane, const int32_t* weights, size_t chunks,
              Sums* sums) {
  Sums local[planes];
  for (Sums& sum : local) sum = vdupq_n_s32(0);
  for (size_t i = 0; i < (groups < 4 ? 1 : chunks); ++i, weights += 16, pixels += 16) {
    int32x4_t w[groups];
    for (size_t k = 0; k < groups; ++k) w[k] = vld1q_s32(weights + 4 * k);
    for (size_t p = 0; p < planes; ++p) {
      int32x4_t x[groups];
      widen<groups>(pixels + p * plane, x);
      for (size_t k = 0; k < groups; ++k) local[p] = vmlaq_s32(local[p], x[k], w[k]);
    }
  }
  for (size_t p = 0; p < planes; ++p) sums[p] = local[p];
}

int32x4_t add_pairs(int32x4_t a, int32x4_t b) {
#if defined(__aarch64__)
  return vpaddq_s32(a, b);
#else
  return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                      vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
#endif
}

// The totals of four sums, shifted by 16 of kWeightBits; to_bytes() shifts by the rest.
uint16x4_t to_words(const Sums* s) {
  const int32x4_t total = add_pairs(add_pairs(s[0], s[1]), add_pairs(s[2], s[3]));
  return vqshrun_n_s32(vaddq_s32(total, vdupq_n_s32(kHalf)), 16);
}

uint8x8_t to_bytes(uint16x4_t low, uint16x4_t high) {
  return vqshrn_n_u16(vcombine_u16(low, high), kWeightBits - 16);
}

uint32_t first_word(uint8x8_t bytes) { return vget_lane_u32(vreinterpret_u32_u8(bytes), 0); }

template <size_t planes, size_t groups>
void resize(const Outputs& columns, const PlanarLine& line, size_t base, uint8_t* out,
            ptrdiff_t step) {
  const Outputs c = columns;  // stores through `out` could change the original
  const PlanarLine l = line;
  const size_t chunks = c.stride / 16;
  const int32_t* weights = c.weights;
  size_t o = 0;
  const auto next = [&](Sums* sums) {
    multiply<planes, groups>(l.data + (c.first[o++] - base), l.plane, weights, chunks, sums);
    weights += c.stride;
  };
  if constexpr (planes == 3) {
    for (; step == 3 && o + 4 <= c.count; out += 12) {
      Sums sums[12];
      for (size_t i = 0; i < 4; ++i) next(sums + i * planes);
      const uint16x4_t last = to_words(sums + 8);
      const uint32_t behind = first_word(to_bytes(last, last));
      vst1_u8(out, to_bytes(to_words(sums), to_words(sums + 4)));
      memcpy(out + 8, &behind, sizeof behind);
    }
  }
  for (; o < c.count; out += step) {
    Sums sums[4];
    next(sums);
    for (size_t p = planes; p < 4; ++p) sums[p] = sums[0];
    const uint16x4_t words = to_words(sums);
    const uint32_t pixel = first_word(to_bytes(words, words));
    memcpy(out, &pixel, planes);
  }
}

#else

uint8_t to_pixel(int32_t sum) {
  sum >>= kWeightBits;
  return static_cast<uint8_t>(sum < 0 ? 0 : sum > 255 ? 255 : sum);
}

#endif

}  // namespace

#if defined(VITRO_PICTURE_SSE2)

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

#if defined(VITRO_PICTURE_NEON)

void resize_line(const Outputs& columns, const PlanarLine& line, size_t base, uint8_t* out,
                 ptrdiff_t step) {
  if (columns.copies) return copy_line(columns, line, base, out, step);
  using Resize = void(const Outputs&, const PlanarLine&, size_t, uint8_t*, ptrdiff_t);
  static constexpr Resize* kResizes[2][4] = {
      {resize<1, 1>, resize<1, 2>, resize<1, 3>, resize<1, 4>},
      {resize<3, 1>, resize<3, 2>, resize<3, 3>, resize<3, 4>}};
  const size_t groups = columns.stride < 16 ? columns.stride / 4 : 4;
  kResizes[line.planes == 3][groups - 1](columns, line, base, out, step);
}

#else

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
    for (size_t k = 0; k < 4; ++k) words[k] = vqshrun_n_s32(sums[k], 16);
    vst1q_u8(out + at, vcombine_u8(to_bytes(words[0], words[1]), to_bytes(words[2], words[3])));
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
