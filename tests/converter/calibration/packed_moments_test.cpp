// SPDX-License-Identifier: Apache-2.0
// Moments as calibration files keep them, packed into fewer bits.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "converter/quantise/moments.h"

namespace vitro {

using namespace converter;

namespace {

TEST(PackedMoments, KeepWhatMatters) {
  constexpr size_t k = 40;
  std::mt19937 random(3);
  std::normal_distribution<double> normal;
  std::vector<double> basis(k * k);
  for (double& b : basis) b = normal(random);
  Moments moments{std::vector<double>(k), std::vector<double>(k * k)};
  for (size_t i = 0; i < k; ++i) {
    moments.mean[i] = normal(random);
    for (size_t j = 0; j < k; ++j)
      for (size_t l = 0; l < k; ++l)
        moments.covariance[i * k + j] +=
            i == 5 || j == 5 ? 0 : basis[i * k + l] * basis[j * k + l];  // column 5 never varies
  }
  const PackedMoments packed = pack(moments);
  const Moments back = unpack(packed);
  for (size_t i = 0; i < k; ++i) {
    EXPECT_NEAR(back.mean[i], moments.mean[i], 1e-6 * std::abs(moments.mean[i]));
    for (size_t j = 0; j < k; ++j) {
      const double scale = std::sqrt(moments.covariance[i * k + i] * moments.covariance[j * k + j]);
      EXPECT_NEAR(back.covariance[i * k + j], moments.covariance[i * k + j], scale * 2e-5);
    }
  }
  EXPECT_EQ(pack(back).correlation, packed.correlation);
  EXPECT_EQ(pack(back).deviation, packed.deviation);
}

}  // namespace
}  // namespace vitro
