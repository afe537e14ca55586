// linear for Helium, Cortex-M55: twelve rows x 16 columns in int32, then the outputs, eight columns at a time.
#include "runtime/kernels/helium_tile.h"
#include "runtime/kernels/kernels.h"

namespace vitro::helium {

namespace {

constexpr size_t kRows = 12;

// Eight outputs of a row: y of the even and the odd columns, and where they go.
struct Outputs {
  float32x4_t even, odd;
  size_t m, n;     // the first one's row and column
  size_t columns;  // of the eight, how many there are

  size_t at(const LinearArgs& args) const { return m * args.dst_stride + n; }
  mve_pred16_t present() const { return lanes8(columns); }
};

Outputs requantised(const LinearArgs& args, const int32_t* acc, size_t m, size_t n) {
  const RowParams& row = args.src_rows[m];
  const int32x4x2_t sum = vld2q_s32(acc), weight_sum = vld2q_s32(args.weight_sum + n);
  const float32x4x2_t scale = vld2q_f32(args.scale + n), bias = vld2q_f32(args.bias + n);
  const auto y = [&](int half) __attribute__((always_inline)) {
    const float32x4_t exact = vcvtq_f32_s32(vmlaq_n_s32(sum.val[half], weight_sum.val[half], -row.zero_point));
    return vaddq_f32(vmulq_f32(vmulq_n_f32(exact, row.scale), scale.val[half]), bias.val[half]);
  };
  return {y(0), y(1), m, n, args.n - n < 8 ? args.n - n : 8};
}

int16x8_t round_s16(const Outputs& y) { return narrow(round_even(y.even), round_even(y.odd)); }

// In [-127, 127], a byte in each lane of 16 bits.
int16x8_t round_s8(const Outputs& y) { return vmaxq_s16(vminq_s16(round_s16(y), vdupq_n_s16(127)), vdupq_n_s16(-127)); }

int16x8_t gelu(int16x8_t h, unsigned fraction_bits) {
  const int16x8_t magnitude = vminq_s16(vqabsq_s16(h), vdupq_n_s16(static_cast<int16_t>((4 << fraction_bits) - 1)));
  const int16x8_t w = veorq_s16(vshlq_r_s16(magnitude, static_cast<int32_t>(14 - fraction_bits)), vdupq_n_s16(INT16_MIN));  // - 32768 mod 2^16
  int16x8_t r = vdupq_n_s16(-2770);
  r = horner(r, w, 1965);
  r = horner(r, w, 7982);
  r = horner(r, w, -10745);
  r = horner(r, w, 403);
  r = horner(r, w, 7293);
  r = horner(r, w, -5616);
  r = horner(r, w, 1485);
  return vqsubq_s16(vmaxq_s16(h, vdupq_n_s16(0)), vqrdmulhq_n_s16(r, static_cast<int16_t>(1 << fraction_bits)));
}

void store_fixed(const LinearArgs& args, const Outputs& y) {
  const int16x8_t h = round_s16(y);
  vst1q_p_s16(static_cast<int16_t*>(args.dst) + y.at(args), args.output == LinearOutput::gelu ? gelu(h, args.fraction_bits) : h, y.present());
}

void store_residual(const LinearArgs& args, const Outputs& y) {
  const int16x8_t before = vld1q_z_s16(static_cast<const int16_t*>(args.addend) + y.at(args), y.present());
  vst1q_p_s16(static_cast<int16_t*>(args.dst) + y.at(args), vqaddq_s16(before, round_s16(y)), y.present());
}

void store_float(const LinearArgs& args, const Outputs& y) {
  float* dst = static_cast<float*>(args.dst) + y.at(args);
  const float* addend = args.addend ? static_cast<const float*>(args.addend) + y.at(args) : nullptr;
  float lanes[8];
  const float32x4x2_t both{{y.even, y.odd}};
  vst2q_f32(lanes, both);
  for (size_t j = 0; j < y.columns; ++j) dst[j] = addend ? lanes[j] + addend[j] : lanes[j];
}

void store_bytes(const LinearArgs& args, const Outputs& y) { vstrbq_p_s16(static_cast<int8_t*>(args.dst) + y.at(args), round_s8(y), y.present()); }

// Four columns lie together, the next four 64 bytes on; a head starts at a multiple of four columns.
void store_keys(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m, head_bytes = (args.tokens + 15) / 16 * args.head_dim * 16;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 16 * args.head_dim * 16 + token % 16 * 4;
  int8_t bytes[8];
  vstrbq_s16(bytes, round_s8(y));
  for (size_t j = 0; j < y.columns; j += 4) {
    const size_t head = (y.n + j) / args.head_dim, d = (y.n + j) % args.head_dim;
    memcpy(dst + head * head_bytes + d * 16, bytes + j, 4);
  }
}

// Sixteen columns lie four bytes apart, one byte of four for each token.
void store_values(const LinearArgs& args, const Outputs& y) {
  const size_t token = args.first_token + y.m, quads = (args.tokens + 3) / 4;
  const size_t head_bytes = (args.head_dim + 15) / 16 * quads * 64;
  int8_t* dst = static_cast<int8_t*>(args.dst) + token / 4 * 64 + token % 4;
  size_t head = y.n / args.head_dim, d = y.n % args.head_dim;
  if (args.head_dim % 8 == 0) {  // all in one panel
    const uint16x8_t offsets = vidupq_n_u16(0, 4);
    vstrbq_scatter_offset_p_s16(dst + head * head_bytes + d / 16 * quads * 64 + d % 16 * 4, offsets, round_s8(y), y.present());
    return;
  }
  int8_t bytes[8];
  vstrbq_s16(bytes, round_s8(y));
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
  int32_t acc[kRows][16];
  for (size_t n = 0; n < args.n; n += 16) {
    const size_t columns = args.n - n < 16 ? args.n - n : 16;
    for (size_t m = 0; m < args.m; m += kRows) {
      const size_t rows = args.m - m < kRows ? args.m - m : kRows;
      multiply_panel(args.src + m * args.k, args.k, rows, args.weights + n * args.k, args.k, acc[0], 16);
      for (size_t i = 0; i < rows; ++i)
        for (size_t j = 0; j < columns; j += 8) store_outputs(args, requantised(args, acc[i] + j, m + i, n + j));
    }
  }
}

}  // namespace vitro::helium
