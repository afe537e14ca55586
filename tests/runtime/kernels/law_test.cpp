// SPDX-License-Identifier: Apache-2.0
// Compares the law itself with mathematics: the reference computes what its names promise.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "runtime/kernels/law.h"

namespace vitro {

namespace reference {
void layer_norm(const LayerNormArgs&);
void quantise_rows(const QuantiseRowsArgs&);
}  // namespace reference

namespace {

TEST(Law, RoundsHalfToEven) {
  EXPECT_EQ(law::rhe(0.5f), 0);
  EXPECT_EQ(law::rhe(1.5f), 2);
  EXPECT_EQ(law::rhe(2.5f), 2);
  EXPECT_EQ(law::rhe(-0.5f), 0);
  EXPECT_EQ(law::rhe(-1.5f), -2);
  EXPECT_EQ(law::rhe(0.49999997f), 0);
  EXPECT_EQ(law::rhe(65535.0f), 65535);
  EXPECT_EQ(law::rhe(-65535.0f), -65535);
  for (float x = -4000; x < 4000; x += 0.37f) EXPECT_EQ(law::rhe(x), std::lrint(x)) << x;
}

// Of every significand, with exponents of both parities, and the least and the largest.
TEST(Law, IntegerSquareRootIsCorrectlyRounded) {
  const uint32_t exponents[] = {1, 2, 126, 127, 253, 254};
  for (const uint32_t exponent : exponents)
    for (uint32_t significand = 0; significand < 0x800000;
         significand += exponent % 126 == 0 ? 1 : 997) {
      const uint32_t bits = exponent << 23 | significand;
      float x;
      memcpy(&x, &bits, sizeof x);
      ASSERT_EQ(integer_square_root(x), std::sqrt(x)) << x;
    }
}

TEST(Law, GeluIsWithinItsErrorBound) {
  for (unsigned bits = 6; bits <= 13; ++bits) {
    const double unit = std::ldexp(1.0, -static_cast<int>(bits));
    for (int h = -32768; h < 32768; ++h) {
      const double x = h * unit, exact = x * 0.5 * std::erfc(-x / std::sqrt(2.0));
      const double got = law::gelu(static_cast<int16_t>(h), bits) * unit;
      ASSERT_NEAR(got, exact, 3.3e-4 + unit / 2) << "h=" << h << " fraction bits " << bits;
    }
  }
}

TEST(Law, GeluPolynomialStaysInsideInt16) {
  constexpr int kCoefficients[] = {1965, 7982, -10745, 403, 7293, -5616, 1485};
  for (int w = -32768; w < 32768; ++w) {
    int r = -2770;
    for (const int c : kCoefficients) {
      r = law::mulhrs(r, w) + c;
      ASSERT_LT(std::abs(r), 32768);
    }
  }
}

TEST(Law, SiluIsWithinItsErrorBound) {
  for (unsigned bits = 6; bits <= 11; ++bits) {
    const double unit = std::ldexp(1.0, -static_cast<int>(bits));
    for (int h = -32768; h < 32768; ++h) {
      const double x = h * unit, exact = x / (1 + std::exp(-x));
      const double got = law::silu(static_cast<int16_t>(h), bits) * unit;
      ASSERT_NEAR(got, exact, 2.7e-4 + unit / 2) << "h=" << h << " fraction bits " << bits;
    }
  }
}

TEST(Law, SiluPolynomialStaysInsideInt16) {
  constexpr int kCoefficients[] = {9184, 13023, -21530, 1459,  6732, -1684,
                                   2355, -4247, 3018,   -1213, 242};
  for (int w = -32768; w < 32768; ++w) {
    int r = -7338;
    for (const int c : kCoefficients) {
      r = law::mulhrs(r, w) + c;
      ASSERT_LT(std::abs(r), 32768 - 64);  // kernels add what rounds before the last shift
    }
  }
}

TEST(Law, ExponentialIsWithinItsErrorBound) {
  EXPECT_EQ(law::exp2_weight(0), 16293);
  EXPECT_EQ(law::exp2_weight(30719), 0);
  for (int x = 0; x < 30720; ++x) {
    const double exact = 16320.0 * std::exp2(-x / 2048.0);
    ASSERT_NEAR(law::exp2_weight(x), exact - 0.5, 0.5 + exact * 1.9e-3) << x;
    if (x > 0) ASSERT_LE(law::exp2_weight(x), law::exp2_weight(x - 1)) << x;
  }
}

TEST(Law, RowQuantiserCoversTheRow) {
  for (const auto& [lo, hi] : {std::pair{-100, 100},
                               {-347, 12000},
                               {0, 3000},
                               {-5000, 0},
                               {0, 0},
                               {0, 1},
                               {-1, 0},
                               {-1, 32767},
                               {-32768, 32767}}) {
    std::vector<int16_t> row;
    for (int i = 0; i <= 100; ++i) row.push_back(static_cast<int16_t>(lo + (hi - lo) * i / 100));
    row.push_back(0);
    std::vector<int8_t> q(row.size());
    RowParams params;
    reference::quantise_rows({row.data(), 1, row.size(), 0.25f, q.data(), &params});
    for (size_t i = 0; i < row.size(); ++i)
      EXPECT_NEAR(params.scale * static_cast<float>(q[i] - params.zero_point), row[i] * 0.25f,
                  params.scale * (hi - lo > 65407 ? 1.6f : 0.52f))
          << lo << " " << hi << " " << row[i];
    EXPECT_EQ(q.back(), params.zero_point) << "zero is exact";
    EXPECT_LE(params.scale, 0.25f * static_cast<float>(std::max(1, hi - lo)) / 254.0f);
  }
}

TEST(Law, LayerNormIsWithinHalfAStep) {
  for (const int spread : {3, 40, 3000, 30000}) {
    std::vector<int16_t> row;
    for (int i = 0; i < 192; ++i)
      row.push_back(static_cast<int16_t>(spread / 2 + (i * 7919) % spread - spread / 3));
    double mean = 0, variance = 0;
    for (const int16_t x : row) mean += x / 192.0;
    for (const int16_t x : row) variance += (x - mean) * (x - mean) / 192.0;
    std::vector<int8_t> q(row.size());
    RowParams params;
    const double eps = 0.01;  // in squared units of the residual stream
    reference::layer_norm(
        {row.data(), 1, row.size(), static_cast<float>(eps * 192 * 192), q.data(), &params});
    for (size_t i = 0; i < row.size(); ++i)
      EXPECT_NEAR(static_cast<double>(params.scale) * (q[i] - params.zero_point),
                  (row[i] - mean) / std::sqrt(variance + eps),
                  0.52 * static_cast<double>(params.scale))
          << spread;
  }
}

TEST(Law, PackedOffsetsAreABijection) {
  const size_t tokens = 21, heads = 3, head_dim = 20, dim = heads * head_dim;
  for (const bool keys : {true, false}) {
    std::vector<int> seen(heads * 32 * 32, 0);
    for (size_t t = 0; t < tokens; ++t)
      for (size_t c = 0; c < dim; ++c)
        ++seen.at(keys ? law::keys_offset(tokens, head_dim, t, c)
                       : law::values_offset(tokens, head_dim, t, c));
    for (const int count : seen) EXPECT_LE(count, 1);
  }
}

}  // namespace
}  // namespace vitro
