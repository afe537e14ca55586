// SPDX-License-Identifier: Apache-2.0
// linear for AVX2: six rows x 64 columns in int32, then the outputs.
#include "runtime/kernels/targets.h"

#if defined(VITRO_HAVE_AVX2)
VITRO_TARGET_AVX2

#include "runtime/kernels/linear/avx2_outputs.h"
#include "runtime/kernels/tiles/avx2_tile.h"

namespace vitro::avx2 {

namespace {

// Rows of kBlockColumns that hold the function's arguments.
inline void gelu_in_place(int16_t* rows, size_t stride, size_t count, unsigned fraction_bits) {
  const Gelu gelu(fraction_bits);
  for (size_t i = 0; i < count; ++i)
    for (int16_t *x = rows + i * stride, *end = x + kBlockColumns; x != end; x += 32) {
      __m256i h[] = {load(x), load(x + 16)};
      gelu.apply(h);
      store(x, h[0]);
      store(x + 16, h[1]);
    }
}

// Values of 16 columns of one panel: four tokens at a time where they share its words, else by
// bytes.
void store_panel(const LinearArgs& args, const int32_t* acc, size_t m, size_t rows, size_t n,
                 const Channels& low, const Channels& high, int32_t bias) {
  alignas(16) int8_t bytes[8][16];
  for (size_t i = 0; i < rows; ++i) {
    const RowParams& row = args.src_rows[m + i];
    const int32_t* sums = acc + i * kBlockColumns;
    const __m256i zero_point = _mm256_set1_epi32(row.zero_point + bias);
    const __m256 scale = _mm256_set1_ps(row.scale);
    _mm_store_si128(reinterpret_cast<__m128i*>(bytes[i]),
                    round_s8({low.requantise(sums, zero_point, scale),
                              high.requantise(sums + 8, zero_point, scale), 0, 0, 16}));
  }
  const size_t quads = (args.tokens + 3) / 4, head = n / args.head_dim, d = n % args.head_dim;
  int8_t* panel = static_cast<int8_t*>(args.dst) + (head * args.head_dim + d) * quads * 4;
  const auto row = [&](size_t i) {
    return _mm_load_si128(reinterpret_cast<const __m128i*>(bytes[i]));
  };
  for (size_t i = 0; i < rows;) {
    const size_t token = args.first_token + m + i;
    int8_t* dst = panel + token / 4 * 64 + token % 4;
    if (token % 4 || i + 4 > rows) {
      for (size_t j = 0; j < 16; ++j) dst[j * 4] = bytes[i][j];
      ++i;
      continue;
    }
    const __m128i first[] = {_mm_unpacklo_epi8(row(i), row(i + 1)),
                             _mm_unpackhi_epi8(row(i), row(i + 1))};
    const __m128i second[] = {_mm_unpacklo_epi8(row(i + 2), row(i + 3)),
                              _mm_unpackhi_epi8(row(i + 2), row(i + 3))};
    for (size_t half = 0; half < 2; ++half) {
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + half * 32),
                       _mm_unpacklo_epi16(first[half], second[half]));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(dst + half * 32 + 16),
                       _mm_unpackhi_epi16(first[half], second[half]));
    }
    i += 4;
  }
}

// What a tile left in acc[rows][kBlockColumns] for rows from m and `columns` columns from n on.
// `bias` was added to every element of the rows. Columns outside, rows inside: what columns are
// requantised with stays in registers.
template <LinearOutput output>
void finish(const LinearArgs& args, const int32_t* acc, size_t m, size_t rows, size_t n,
            size_t columns, int32_t bias) {
  if constexpr (output == LinearOutput::gelu)
    if (columns == kBlockColumns) {
      finish<LinearOutput::s16>(args, acc, m, rows, n, columns, bias);
      return gelu_in_place(static_cast<int16_t*>(args.dst) + m * args.dst_stride + n,
                           args.dst_stride, rows, args.fraction_bits);
    }
  for (size_t j = 0; j < columns; j += 16) {
    const Channels low(args, n + j), high(args, n + j + 8);
    const size_t present = columns - j < 16 ? columns - j : 16;
    if constexpr (output == LinearOutput::values)
      if (present == 16 && args.head_dim % 16 == 0) {
        store_panel(args, acc + j, m, rows, n + j, low, high, bias);
        continue;
      }
    finish_sixteen<output>(args, {acc + j, m, rows, n + j, present}, low, high, bias);
  }
}

// Rows outside: they are widened once, and the weights that stream past from L2 are a fraction of
// what it gives.
template <LinearOutput output>
void run(const LinearArgs& args) {
  alignas(32) int32_t acc[kTileRows][kBlockColumns];
  for (size_t m = 0; m < args.m; m += kTileRows) {
    const size_t rows = args.m - m < kTileRows ? args.m - m : kTileRows;
    WideRows wide(args.src + m * args.k, args.k, rows, args.k);
    for (size_t n = 0; n < args.n; n += kBlockColumns) {
      const size_t columns = args.n - n < kBlockColumns ? args.n - n : kBlockColumns;
      wide.multiply({args.weights + n * args.k, args.k * 16, (columns + 15) / 16}, acc[0],
                    kBlockColumns);
      finish<output>(args, acc[0], m, rows, n, columns, 0);
    }
  }
}

}  // namespace

void linear(const LinearArgs& args) { VITRO_BY_OUTPUT(run, args) }

}  // namespace vitro::avx2

VITRO_TARGET_END
#endif  // VITRO_HAVE_AVX2
