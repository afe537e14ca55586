// SPDX-License-Identifier: Apache-2.0
// The law of linear as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

namespace {

int32_t dot(const LinearArgs& args, const int8_t* a, size_t n) {
  const int8_t* panel = args.weights + n / 16 * args.k * 16 + n % 16 * 4;
  int32_t acc = 0;
  for (size_t k = 0; k < args.k; ++k) acc += a[k] * panel[k / 4 * 64 + k % 4];
  return acc;
}

void store(const LinearArgs& args, size_t m, size_t n, float y) {
  const size_t at = m * args.dst_stride + n;
  switch (args.output) {
    case LinearOutput::f32:
      static_cast<float*>(args.dst)[at] =
          args.addend ? y + static_cast<const float*>(args.addend)[at] : y;
      break;
    case LinearOutput::s16:
      static_cast<int16_t*>(args.dst)[at] =
          static_cast<int16_t>(law::rhe(law::clamp(y, -32768.0f, 32767.0f)));
      break;
    case LinearOutput::gelu:
      static_cast<int16_t*>(args.dst)[at] = law::gelu(
          static_cast<int16_t>(law::rhe(law::clamp(y, -32768.0f, 32767.0f))), args.fraction_bits);
      break;
    case LinearOutput::residual:
      static_cast<int16_t*>(args.dst)[at] =
          law::sat16(static_cast<const int16_t*>(args.addend)[at] +
                     law::rhe(law::clamp(y, -32768.0f, 32767.0f)));
      break;
    case LinearOutput::s8:
      static_cast<int8_t*>(args.dst)[at] =
          static_cast<int8_t>(law::rhe(law::clamp(y, -127.0f, 127.0f)));
      break;
    case LinearOutput::keys:
      static_cast<int8_t*>(
          args.dst)[law::keys_offset(args.tokens, args.head_dim, args.first_token + m, n)] =
          static_cast<int8_t>(law::rhe(law::clamp(y, -127.0f, 127.0f)));
      break;
    case LinearOutput::values:
      static_cast<int8_t*>(
          args.dst)[law::values_offset(args.tokens, args.head_dim, args.first_token + m, n)] =
          static_cast<int8_t>(law::rhe(law::clamp(y, -127.0f, 127.0f)));
      break;
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  for (size_t m = 0; m < args.m; ++m) {
    const RowParams& row = args.src_rows[m];
    for (size_t n = 0; n < args.n; ++n) {
      const int32_t acc = dot(args, args.src + m * args.k, n) - row.zero_point * args.weight_sum[n];
      store(args, m, n, (static_cast<float>(acc) * row.scale) * args.scale[n] + args.bias[n]);
    }
  }
}

}  // namespace vitro::reference
