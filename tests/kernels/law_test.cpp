// The law itself against mathematics: what the reference computes is what the names promise.
#include <gtest/gtest.h>

#include <cmath>
#include <utility>
#include <vector>

#include "runtime/kernels/law.h"

namespace vitro {
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

TEST(Law, ExponentialIsWithinItsErrorBound) {
  EXPECT_EQ(law::exp2_weight(0, 0), 16382);
  for (int x = 0; x < 30720; ++x) {
    const double exact = 16383.0 * std::exp2(-x / 2048.0);
    ASSERT_NEAR(law::exp2_weight(x, 0), exact, 0.5 + exact * 1.7e-4) << x;
    ASSERT_LE(law::exp2_weight(x, 0), 16382);
    if (x > 0) ASSERT_LE(law::exp2_weight(x, 0), law::exp2_weight(x - 1, 0) + 1);
  }
}

TEST(Law, RowQuantiserCoversTheRow) {
  for (const auto& [lo, hi] : {std::pair{-1.0f, 1.0f}, {-0.17f, 6.0f}, {0.0f, 3.0f}, {-5.0f, 0.0f}, {0.0f, 0.0f}, {-1e-3f, 1e5f}}) {
    const law::RowQuantiser quantise(lo, hi);
    const float step = quantise.range / 255.0f;
    for (int i = 0; i <= 100; ++i) {
      const float u = lo + (hi - lo) * static_cast<float>(i) / 100.0f;
      EXPECT_NEAR((quantise(u) - quantise.zero_point) * step, u, step * 1.01f) << lo << " " << hi << " " << u;
    }
  }
}

TEST(Law, PackedOffsetsAreABijection) {
  const size_t tokens = 21, heads = 3, head_dim = 20, dim = heads * head_dim;
  for (const bool keys : {true, false}) {
    std::vector<int> seen(heads * 32 * 32, 0);
    for (size_t t = 0; t < tokens; ++t)
      for (size_t c = 0; c < dim; ++c) ++seen.at(keys ? law::keys_offset(tokens, head_dim, t, c) : law::values_offset(tokens, head_dim, t, c));
    for (const int count : seen) EXPECT_LE(count, 1);
  }
}

}  // namespace
}  // namespace vitro
