// SPDX-License-Identifier: Apache-2.0
// The law of linear as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

namespace {

// Compilers make vector instructions of sums over whole numbers that lie one behind another, so a
// weight's row is taken out of its panel first, for as many rows of values as share it.
constexpr size_t kColumns = 256, kRows = 16;

void row_of(const LinearArgs& args, size_t n, size_t first, size_t columns, int16_t* row) {
  const int8_t* panel = args.weights + n / 16 * args.k * 16 + n % 16 * 4;
  for (size_t k = 0; k < columns; ++k) row[k] = panel[(first + k) / 4 * 64 + (first + k) % 4];
}

int32_t dot(const int8_t* a, const int16_t* b, size_t columns) {
  int32_t acc = 0;
  for (size_t k = 0; k < columns; ++k) acc += a[k] * b[k];
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

// Of `rows` rows from row m on, at most kRows.
void output(const LinearArgs& args, size_t m, size_t rows, size_t n) {
  int32_t acc[kRows] = {};
  for (size_t first = 0; first < args.k; first += kColumns) {
    const size_t columns = args.k - first < kColumns ? args.k - first : kColumns;
    int16_t weights[kColumns];
    row_of(args, n, first, columns, weights);
    for (size_t i = 0; i < rows; ++i)
      acc[i] += dot(args.src + (m + i) * args.k + first, weights, columns);
  }
  for (size_t i = 0; i < rows; ++i) {
    const RowParams& row = args.src_rows[m + i];
    const int32_t sum = acc[i] - row.zero_point * args.weight_sum[n];
    store(args, m + i, n, (static_cast<float>(sum) * row.scale) * args.scale[n] + args.bias[n]);
  }
}

}  // namespace

void linear(const LinearArgs& args) {
  for (size_t m = 0; m < args.m; m += kRows) {
    const size_t rows = args.m - m < kRows ? args.m - m : kRows;
    for (size_t n = 0; n < args.n; ++n) output(args, m, rows, n);
  }
}

}  // namespace vitro::reference
