// SPDX-License-Identifier: Apache-2.0
// linear for ARMv7E-M, Cortex-M4 and M7: 24 rows x 16 columns in int32, then the outputs, a row of
// 16 at a time.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_DSP)
VITRO_TARGET_DSP

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/dsp_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::dsp {

namespace {

constexpr size_t kRows = 24;

// Sums of a few rows, and where their outputs go.
struct Tile {
  int32_t (*acc)[16];
  size_t m, rows;     // the first row, and how many
  size_t n, columns;  // the first column, and how many, up to 16

  size_t at(const LinearArgs& args, size_t row) const { return (m + row) * args.dst_stride + n; }
};

// Sums of a row to its outputs, rounded, in their place, four at a time. A conversion saturates, so
// the law's clamps follow in integers.
__attribute__((noinline)) void round_row(const LinearArgs& args, const RowParams& row, size_t n,
                                         int32_t* acc) {
  const int32_t* weight_sum = args.weight_sum + n;
  const float *scale = args.scale + n, *bias = args.bias + n;
  __asm__ volatile(
      "add r4, %[acc], #64\n\t"
      "vmov s12, r4\n\t"  // where it ends: no register is left
      "0:\n\t"
      "ldmia %[acc], {r4, r5, r6, r8}\n\t"
      "ldrd r9, r10, [%[weight_sum]], #8\n\t"
      "mls r4, r9, %[zero_point], r4\n\t"
      "mls r5, r10, %[zero_point], r5\n\t"
      "ldrd r9, r10, [%[weight_sum]], #8\n\t"
      "mls r6, r9, %[zero_point], r6\n\t"
      "mls r8, r10, %[zero_point], r8\n\t"
      "vmov s0, s1, r4, r5\n\t"
      "vmov s2, s3, r6, r8\n\t"
      "vcvt.f32.s32 s0, s0\n\t"
      "vcvt.f32.s32 s1, s1\n\t"
      "vcvt.f32.s32 s2, s2\n\t"
      "vcvt.f32.s32 s3, s3\n\t"
      "vldmia %[scale]!, {s4-s7}\n\t"
      "vmul.f32 s0, s0, %[row_scale]\n\t"
      "vmul.f32 s1, s1, %[row_scale]\n\t"
      "vmul.f32 s2, s2, %[row_scale]\n\t"
      "vmul.f32 s3, s3, %[row_scale]\n\t"
      "vldmia %[bias]!, {s8-s11}\n\t"
      "vmul.f32 s0, s0, s4\n\t"
      "vmul.f32 s1, s1, s5\n\t"
      "vmul.f32 s2, s2, s6\n\t"
      "vmul.f32 s3, s3, s7\n\t"
      "vadd.f32 s0, s0, s8\n\t"
      "vadd.f32 s1, s1, s9\n\t"
      "vadd.f32 s2, s2, s10\n\t"
      "vadd.f32 s3, s3, s11\n\t"
      "vcvtr.s32.f32 s0, s0\n\t"
      "vcvtr.s32.f32 s1, s1\n\t"
      "vcvtr.s32.f32 s2, s2\n\t"
      "vcvtr.s32.f32 s3, s3\n\t"
      "vstmia %[acc]!, {s0-s3}\n\t"
      "vmov r4, s12\n\t"
      "cmp %[acc], r4\n\t"
      "bne 0b"
      : [acc] "+r"(acc), [weight_sum] "+r"(weight_sum), [scale] "+r"(scale), [bias] "+r"(bias)
      : [zero_point] "r"(row.zero_point), [row_scale] "t"(row.scale)
      : "r4", "r5", "r6", "r8", "r9", "r10", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
        "s9", "s10", "s11", "s12", "cc", "memory");
}

// Four int16 in two words.
struct Halves {
  int32_t low, high;
};

inline Halves saturated(const int32_t* y) {
  return {low_halves(sat16(y[0]), sat16(y[1])), low_halves(sat16(y[2]), sat16(y[3]))};
}

// GELU of four numbers, two to a word.
class Gelu {
 public:
  explicit Gelu(unsigned fraction_bits)
      : shift_(14 - fraction_bits),
        above_limit_(static_cast<uint16x2_t>(twice(-(4 << fraction_bits)))),
        mask_(twice(-(1 << shift_))),
        last_(kGelu[7] * 32768 + 16384 + (1 << (29 - fraction_bits))) {}

  VITRO_INLINE Halves operator()(const Halves& h) const {
    int32_t positive_low, positive_high;
    const int32_t low = argument(h.low, positive_low), high = argument(h.high, positive_high);
    int32_t a = kGelu[0], b = kGelu[0], c = kGelu[0], d = kGelu[0];
#pragma GCC unroll 7
    for (size_t i = 1; i < 8; ++i) {
      // The last shift is the law's last rounding too.
      const int32_t constant = i < 7 ? kGelu[i] * 32768 + 16384 : last_;
      const unsigned shift = i < 7 ? 15 : 16 + shift_;
      a = __smlabb(a, low, constant) >> shift;
      b = __smlabt(b, low, constant) >> shift;
      c = __smlabb(c, high, constant) >> shift;
      d = __smlabt(d, high, constant) >> shift;
    }
    return {__qsub16(positive_low, low_halves(a, b)), __qsub16(positive_high, low_halves(c, d))};
  }

 private:
  // The law's w, and max(h, 0). Adding what the limit lacks of 65535 saturates there, and sets all
  // bits above the limit's.
  VITRO_INLINE int32_t argument(int16x2_t h, int16x2_t& positive) const {
    const int16x2_t negated = __qsub16(0, h);
    __ssub16(h, 0);
    const int16x2_t magnitude = __sel(h, negated);
    positive = __sel(h, 0);
    const uint32_t limited = __uqadd16(static_cast<uint16x2_t>(magnitude), above_limit_);
    return (static_cast<int32_t>(limited << shift_) & mask_) ^ twice(-32768);
  }

  unsigned shift_;
  uint16x2_t above_limit_;
  int32_t mask_, last_;
};

// Four bytes in a word, none of them -128.
inline int32_t four_bytes(const int32_t* y) {
  const int32_t bytes = (__ssat(y[0], 8) & 0xff) | (__ssat(y[1], 8) & 0xff) << 8 |
                        (__ssat(y[2], 8) & 0xff) << 16 | __ssat(y[3], 8) << 24;
  return __qadd8(__qsub8(bytes, 0x01010101), 0x01010101);
}

void store_float(const LinearArgs& args, const Tile& tile) {
  for (size_t i = 0; i < tile.rows; ++i) {
    const RowParams& row = args.src_rows[tile.m + i];
    float* const dst = static_cast<float*>(args.dst) + tile.at(args, i);
    const float* const addend =
        args.addend ? static_cast<const float*>(args.addend) + tile.at(args, i) : nullptr;
    for (size_t j = 0; j < tile.columns; ++j) {
      const size_t n = tile.n + j;
      const int32_t acc = tile.acc[i][j] - row.zero_point * args.weight_sum[n];
      const float y = (static_cast<float>(acc) * row.scale) * args.scale[n] + args.bias[n];
      dst[j] = addend ? y + addend[j] : y;
    }
  }
}

inline void store_four(int16_t* dst, const Halves& four) {
  store4(dst, four.low);
  store4(dst + 2, four.high);
}
inline void store_four(int8_t* dst, int32_t four) { store4(dst, four); }

// One, two or three elements. A call of memcpy would cost stack.
template <class Element>
inline void copy_few(const Element* src, size_t count, Element* dst) {
  dst[0] = src[0];
  if (count > 1) dst[1] = src[1];
  if (count > 2) dst[2] = src[2];
}

// Rounds the tile's rows, makes a T of each four outputs by make(outputs, their place in `dst`, how
// many are there) and stores it.
template <class Element, class T, class Make>
VITRO_INLINE void store_fours(const LinearArgs& args, const Tile& tile, Make make) {
  for (size_t i = 0; i < tile.rows; ++i) {
    int32_t* const y = tile.acc[i];
    round_row(args, args.src_rows[tile.m + i], tile.n, y);
    Element* const dst = static_cast<Element*>(args.dst) + tile.at(args, i);
    size_t j = 0;
    for (; j + 4 <= tile.columns; j += 4) store_four(dst + j, make(y + j, tile.at(args, i) + j, 4));
    if (j < tile.columns) {
      const T four = make(y + j, tile.at(args, i) + j, tile.columns - j);
      Element last[4];
      memcpy(last, &four, sizeof last);
      copy_few(last, tile.columns - j, dst + j);
    }
  }
}

void store_fixed(const LinearArgs& args, const Tile& tile) {
  store_fours<int16_t, Halves>(args, tile,
                               [](const int32_t* y, size_t, size_t) { return saturated(y); });
}

void store_gelu(const LinearArgs& args, const Tile& tile) {
  const Gelu gelu(args.fraction_bits);
  store_fours<int16_t, Halves>(
      args, tile, [&gelu](const int32_t* y, size_t, size_t) { return gelu(saturated(y)); });
}

void store_residual(const LinearArgs& args, const Tile& tile) {
  const int16_t* const addend = static_cast<const int16_t*>(args.addend);
  store_fours<int16_t, Halves>(args, tile, [addend](const int32_t* y, size_t at, size_t count) {
    Halves other;
    if (count == 4) {
      memcpy(&other, addend + at, sizeof other);
    } else {
      int16_t last[4] = {};
      copy_few(addend + at, count, last);
      memcpy(&other, last, sizeof other);
    }
    const Halves h = saturated(y);
    return Halves{__qadd16(other.low, h.low), __qadd16(other.high, h.high)};
  });
}

void store_bytes(const LinearArgs& args, const Tile& tile) {
  store_fours<int8_t, int32_t>(args, tile,
                               [](const int32_t* y, size_t, size_t) { return four_bytes(y); });
}

// Heads start at a multiple of four columns, and so do a packed tensor's groups of four or sixteen.
// `Keys`: four columns lie together, the next four 64 bytes on; otherwise sixteen columns lie four
// bytes apart, one byte of four for each token.
template <bool Keys>
void store_packed(const LinearArgs& args, const Tile& tile) {
  const size_t head_dim = args.head_dim, quads = VITRO_VALUE_QUADS(args.tokens);
  const size_t head_bytes =
      Keys ? VITRO_KEY_HEAD_BYTES(args.tokens, head_dim) : VITRO_VALUE_HEAD_BYTES(head_dim, quads);
  for (size_t i = 0; i < tile.rows; ++i) {
    int32_t* const y = tile.acc[i];
    round_row(args, args.src_rows[tile.m + i], tile.n, y);
    const size_t token = args.first_token + tile.m + i;
    size_t head = tile.n / head_dim, d = tile.n % head_dim;
    int8_t* const packed = static_cast<int8_t*>(args.dst);
    int8_t* const dst =
        Keys ? VITRO_KEY_TOKEN(packed, token, head_dim) : VITRO_VALUE_TOKEN(packed, token);
    for (size_t j = 0; j < tile.columns; j += 4) {
      const int32_t bytes = four_bytes(y + j);
      if (Keys) {
        store4(VITRO_KEY_COLUMN(dst + head * head_bytes, d), bytes);
      } else {
        int8_t* const four = VITRO_VALUE_COLUMN(dst + head * head_bytes, d, quads);
        four[0] = static_cast<int8_t>(bytes);
        four[4] = static_cast<int8_t>(bytes >> 8);
        four[8] = static_cast<int8_t>(bytes >> 16);
        four[12] = static_cast<int8_t>(bytes >> 24);
      }
      d += 4;
      if (d == head_dim) {
        d = 0;
        ++head;
      }
    }
  }
}

__attribute__((noinline)) void store_outputs(const LinearArgs& args, const Tile& tile) {
  switch (args.output) {
    case LinearOutput::f32: return store_float(args, tile);
    case LinearOutput::s16: return store_fixed(args, tile);
    case LinearOutput::gelu: return store_gelu(args, tile);
    case LinearOutput::residual: return store_residual(args, tile);
    case LinearOutput::s8: return store_bytes(args, tile);
    case LinearOutput::keys: return store_packed<true>(args, tile);
    case LinearOutput::values: return store_packed<false>(args, tile);
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  int32_t acc[kRows][16];
  for (size_t n = 0; n < args.n; n += 16)
    for (size_t m = 0; m < args.m; m += kRows) {
      const size_t rows = args.m - m < kRows ? args.m - m : kRows;
      multiply_panel(args.src + m * args.k, args.k, rows, args.weights + n * args.k, args.k, acc);
      store_outputs(args, {acc, m, rows, n, args.n - n < 16 ? args.n - n : 16});
    }
}

}  // namespace vitro::dsp

VITRO_BASELINE_END
#endif  // VITRO_HAVE_DSP
