// SPDX-License-Identifier: Apache-2.0
// linear for Helium, Cortex-M55: 24 rows x 16 columns in int32, then the outputs, four columns of
// all rows at a time, so that what belongs to a column stays in registers.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_HELIUM)
VITRO_TARGET_HELIUM

#include "runtime/kernels/inline.h"
#include "runtime/kernels/kernels.h"
#include "runtime/kernels/law_constants.h"
#include "runtime/kernels/tiles/helium_tile.h"
#include "runtime/kernels/tiles/packed_heads.h"

namespace vitro::helium {

namespace {

constexpr size_t kRows = 24;

// Sums of four columns, and where their outputs go.
struct Block {
  const int32_t* acc;  // rows 16 apart
  size_t m, rows;      // the first row, and how many
  size_t n;            // the first column
  mve_pred16_t present;

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
};

// Calls store(y of four columns) for each row.
template <class Store>
VITRO_INLINE void requantise(const LinearArgs& args, const Block& block, const Store& store) {
  const int32x4_t weight_sum = vld1q_s32(args.weight_sum + block.n);
  const float32x4_t scale = vld1q_f32(args.scale + block.n), bias = vld1q_f32(args.bias + block.n);
  const RowParams* row = args.src_rows + block.m;
  const int32_t* acc = block.acc;
  for (size_t i = block.rows; i > 0; --i, ++row, acc += 16) {
    const float32x4_t exact =
        vcvtq_f32_s32(vmlaq_n_s32(vld1q_s32(acc), weight_sum, -row->zero_point));
    store(vaddq_f32(vmulq_f32(vmulq_n_f32(exact, row->scale), scale), bias));
  }
}

// Saturated to int16, each in the lower half of its lane.
inline int16x8_t round_s16(float32x4_t y) { return vqmovnbq_s32(vdupq_n_s16(0), rhe(y)); }

inline int32x4_t round_s8(float32x4_t y) {
  return vmaxq_s32(vminq_s32(rhe(y), vdupq_n_s32(127)), vdupq_n_s32(-127));
}

void store_float(const LinearArgs& args, const Block& block) {
  float* dst = static_cast<float*>(args.dst) + block.at(args);
  if (!args.addend)
    return requantise(args, block, [&](float32x4_t y) {
      vst1q_p_f32(dst, y, block.present);
      dst += args.dst_stride;
    });
  const float* addend = static_cast<const float*>(args.addend) + block.at(args);
  requantise(args, block, [&](float32x4_t y) {
    vst1q_p_f32(dst, vaddq_f32(y, vld1q_z_f32(addend, block.present)), block.present);
    dst += args.dst_stride;
    addend += args.dst_stride;
  });
}

void store_s16(const LinearArgs& args, const Block& block) {
  int16_t* dst = static_cast<int16_t*>(args.dst) + block.at(args);
  requantise(args, block, [&](float32x4_t y) {
    vstrhq_p_s32(dst, vreinterpretq_s32_s16(round_s16(y)), block.present);
    dst += args.dst_stride;
  });
}

void store_residual(const LinearArgs& args, const Block& block) {
  int16_t* dst = static_cast<int16_t*>(args.dst) + block.at(args);
  const int16_t* addend = static_cast<const int16_t*>(args.addend) + block.at(args);
  requantise(args, block, [&](float32x4_t y) {
    const int16x8_t before = vreinterpretq_s16_s32(vldrhq_z_s32(addend, block.present));
    vstrhq_p_s32(dst, vreinterpretq_s32_s16(vqaddq_s16(before, round_s16(y))), block.present);
    dst += args.dst_stride;
    addend += args.dst_stride;
  });
}

void store_s8(const LinearArgs& args, const Block& block) {
  int8_t* dst = static_cast<int8_t*>(args.dst) + block.at(args);
  requantise(args, block, [&](float32x4_t y) {
    vstrbq_p_s32(dst, round_s8(y), block.present);
    dst += args.dst_stride;
  });
}

// Four columns of a token lie together; heads are whole fours of columns.
void store_keys(const LinearArgs& args, const Block& block) {
  const size_t head = block.n / args.head_dim, d = block.n % args.head_dim;
  int8_t* dst = VITRO_KEY_COLUMN(
      static_cast<int8_t*>(args.dst) + head * VITRO_KEY_HEAD_BYTES(args.tokens, args.head_dim), d);
  size_t token = args.first_token + block.m;
  requantise(args, block, [&](float32x4_t y) {
    vstrbq_s32(VITRO_KEY_TOKEN(dst, token, args.head_dim), round_s8(y));
    ++token;
  });
}

// Columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const Block& block) {
  const size_t head = block.n / args.head_dim, d = block.n % args.head_dim,
               quads = VITRO_VALUE_QUADS(args.tokens);
  int8_t* dst = VITRO_VALUE_COLUMN(
      static_cast<int8_t*>(args.dst) + head * VITRO_VALUE_HEAD_BYTES(args.head_dim, quads), d,
      quads);
  const uint32x4_t apart = vidupq_n_u32(0, 4);
  size_t token = args.first_token + block.m;
  requantise(args, block, [&](float32x4_t y) {
    vstrbq_scatter_offset_s32(VITRO_VALUE_TOKEN(dst, token), apart, round_s8(y));
    ++token;
  });
}

void store_outputs(const LinearArgs& args, const Block& block) {
  switch (args.output) {
    case LinearOutput::f32: return store_float(args, block);
    case LinearOutput::s16:
    case LinearOutput::gelu: return store_s16(args, block);
    case LinearOutput::residual: return store_residual(args, block);
    case LinearOutput::s8: return store_s8(args, block);
    case LinearOutput::keys: return store_keys(args, block);
    case LinearOutput::values: return store_values(args, block);
  }
}

// In place, of `columns` int16.
void gelu(int16_t* h, size_t columns, unsigned fraction_bits) {
  const int32_t shift = static_cast<int32_t>(14 - fraction_bits);
  const int16x8_t limit = vdupq_n_s16(static_cast<int16_t>((4 << fraction_bits) - 1));
  for (size_t j = 0; j < columns; j += 8) {
    const mve_pred16_t present = lanes8(columns - j);
    const int16x8_t x = vld1q_z_s16(h + j, present);
    const int16x8_t w = veorq_s16(vshlq_r_s16(vminq_s16(vqabsq_s16(x), limit), shift),
                                  vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
    int16x8_t r = vdupq_n_s16(kGelu[0]);
    r = horner(r, w, kGelu[1]);
    r = horner(r, w, kGelu[2]);
    r = horner(r, w, kGelu[3]);
    r = horner(r, w, kGelu[4]);
    r = horner(r, w, kGelu[5]);
    r = horner(r, w, kGelu[6]);
    r = horner(r, w, kGelu[7]);
    const int16x8_t bump = vqrdmulhq_n_s16(r, static_cast<int16_t>(1 << fraction_bits));
    vst1q_p_s16(h + j, vqsubq_s16(vmaxq_s16(x, vdupq_n_s16(0)), bump), present);
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  int32_t acc[kRows][16];
  for (size_t n = 0; n < args.n; n += 16) {
    const size_t columns = args.n - n < 16 ? args.n - n : 16;
    for (size_t m = 0; m < args.m; m += kRows) {
      const size_t rows = args.m - m < kRows ? args.m - m : kRows;
      multiply_panel(args.src + m * args.k, args.k, rows, args.weights + n * args.k, args.k, acc);
      for (size_t j = 0; j < columns; j += 4)
        store_outputs(args,
                      {acc[0] + j, m, rows, n + j, vctp32q(static_cast<uint32_t>(columns - j))});
      if (args.output == LinearOutput::gelu)
        for (size_t i = 0; i < rows; ++i)
          gelu(static_cast<int16_t*>(args.dst) + (m + i) * args.dst_stride + n, columns,
               args.fraction_bits);
    }
  }
}

}  // namespace vitro::helium

VITRO_BASELINE_END
#endif  // VITRO_HAVE_HELIUM
