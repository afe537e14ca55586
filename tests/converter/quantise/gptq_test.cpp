// SPDX-License-Identifier: Apache-2.0
// Weight rounding: to nearest where nothing is known about the inputs, better where their
// covariance is known.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "converter/quantise/gptq.h"

namespace vitro {

using namespace converter;

namespace {

Matrix random_weights(size_t n, size_t k, uint32_t seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  Matrix w(n, k);
  for (float& value : w.data) value = normal(generator);
  return w;
}

// The covariance of inputs that are mixtures of a few sources; they are strongly correlated, like
// activations.
Moments correlated(size_t k, size_t sources, uint32_t seed) {
  const Matrix mix = random_weights(k, sources, seed);
  Moments m{std::vector<double>(k, 0.0), std::vector<double>(k * k, 0.0)};
  for (size_t i = 0; i < k; ++i)
    for (size_t j = 0; j < k; ++j) {
      double sum = i == j ? 0.01 : 0.0;
      for (size_t s = 0; s < sources; ++s)
        sum += static_cast<double>(mix.row(i)[s]) * static_cast<double>(mix.row(j)[s]);
      m.covariance[i * k + j] = sum;
    }
  return m;
}

double output_error(const Matrix& w, const QuantisedWeights& q, const Moments& m) {
  double total = 0;
  for (size_t n = 0; n < w.rows; ++n) {
    std::vector<double> e(w.cols);
    for (size_t c = 0; c < w.cols; ++c)
      e[c] = static_cast<double>(w.row(n)[c]) -
             static_cast<double>(q.scale[n]) * q.values[n * w.cols + c];
    for (size_t i = 0; i < w.cols; ++i)
      for (size_t j = 0; j < w.cols; ++j) total += e[i] * m.covariance[i * w.cols + j] * e[j];
  }
  return total;
}

TEST(Gptq, WithoutCovarianceRoundsPlainly) {
  const Matrix w = random_weights(5, 12, 1);
  const QuantisedWeights q = quantise_weights(w, {}, 0.01, 1);
  for (size_t n = 0; n < w.rows; ++n) {
    float largest = 0;
    for (size_t c = 0; c < w.cols; ++c) largest = std::max(largest, std::abs(w.row(n)[c]));
    EXPECT_FLOAT_EQ(q.scale[n], largest / 127);
    for (size_t c = 0; c < w.cols; ++c)
      EXPECT_NEAR(q.values[n * w.cols + c] * q.scale[n], w.row(n)[c], q.scale[n] * 0.5001f);
  }
}

TEST(Gptq, UncorrelatedInputsGivePlainRounding) {
  const Matrix w = random_weights(9, 70, 2);
  Moments m{std::vector<double>(70, 0.0), std::vector<double>(70 * 70, 0.0)};
  for (size_t i = 0; i < 70; ++i) m.covariance[i * 70 + i] = 1.0 + static_cast<double>(i % 5);
  EXPECT_EQ(quantise_weights(w, m, 0.01, 2).values, quantise_weights(w, {}, 0.01, 1).values);
}

// Contradictory signs: i rises with j, and j with l, but l falls with i. The rounding error that is
// passed on to later columns would grow with each of them, up to infinity.
TEST(Gptq, RefusesMomentsThatNoNumbersHave) {
  const size_t k = 200;
  const Matrix w = random_weights(5, k, 3), signs = random_weights(k, k, 4);
  for (const double variance : {1e-6, 1.0, 1e18}) {
    Moments m{std::vector<double>(k, 0.0), std::vector<double>(k * k, 0.0)};
    for (size_t i = 0; i < k; ++i) {
      m.covariance[i * k + i] = variance;
      for (size_t j = 0; j < i; ++j)
        m.covariance[i * k + j] = m.covariance[j * k + i] =
            signs.row(i)[j] > 0 ? variance : -variance;
    }
    EXPECT_THROW(quantise_weights(w, m, 0.01, 2), std::range_error) << variance;
  }
}

// Rows far from zero that hardly differ: sums in float32 err by more than these rows vary, all
// columns in the same direction.
TEST(Gptq, RoundingErrorsAreNoContradiction) {
  const size_t k = 192;
  const Matrix w = random_weights(5, k, 3), noise = random_weights(k, 2, 4);
  for (const double error : {-1e-6, 1e-6}) {
    Moments m{std::vector<double>(k, 0.6), std::vector<double>(k * k)};
    for (size_t i = 0; i < k; ++i)
      for (size_t j = 0; j < k; ++j)
        m.covariance[i * k + j] = error + 1e-4 * static_cast<double>(noise.row(i)[0]) *
                                              static_cast<double>(noise.row(j)[0]);
    const QuantisedWeights q = quantise_weights(w, m, 0.01, 2);
    EXPECT_LE(output_error(w, q, m), output_error(w, quantise_weights(w, {}, 0.01, 1), m) + 1e-9)
        << error;
  }
}

TEST(Gptq, CorrelatedInputsLowerTheError) {
  for (const size_t k : {16, 64, 130}) {
    const Matrix w = random_weights(33, k, 3);
    const Moments m = correlated(k, k / 4, 4);
    EXPECT_LT(output_error(w, quantise_weights(w, m, 0.01, 2), m),
              0.5 * output_error(w, quantise_weights(w, {}, 0.01, 1), m))
        << k;
  }
}

TEST(Gptq, StaysInRangeAndIsIndependentOfThreads) {
  const Matrix w = random_weights(200, 64, 5);
  const Moments m = correlated(64, 8, 6);
  const QuantisedWeights one = quantise_weights(w, m, 0.01, 1),
                         three = quantise_weights(w, m, 0.01, 3);
  EXPECT_EQ(one.values, three.values);
  EXPECT_EQ(one.scale, three.scale);
  for (const int8_t v : one.values) EXPECT_GE(v, -127);
}

// GPTQ by its definition: rounds one column after the other, by falling variance. The error of each
// goes to the columns that are left, in proportion to the inverse of their part of H, which
// Gauss-Jordan elimination inverts each time.
std::vector<int8_t> by_definition(const Matrix& w, const Moments& m, double damping) {
  const size_t k = w.cols;
  double trace = 0;
  for (size_t i = 0; i < k; ++i) trace += m.covariance[i * k + i];
  std::vector<size_t> left(k);
  for (size_t i = 0; i < k; ++i) left[i] = i;
  std::stable_sort(left.begin(), left.end(), [&](size_t a, size_t b) {
    return m.covariance[a * k + a] > m.covariance[b * k + b];
  });
  std::vector<double> rest(w.data.begin(), w.data.end());
  std::vector<int8_t> out(w.rows * k);
  for (; !left.empty(); left.erase(left.begin())) {
    const size_t n = left.size();
    std::vector<double> h(n * n), inverse(n * n);
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) h[i * n + j] = m.covariance[left[i] * k + left[j]];
      h[i * n + i] += trace * damping / static_cast<double>(k);
      inverse[i * n + i] = 1;
    }
    for (size_t pivot = 0; pivot < n; ++pivot) {
      const double by = h[pivot * n + pivot];
      for (size_t j = 0; j < n; ++j) h[pivot * n + j] /= by, inverse[pivot * n + j] /= by;
      for (size_t i = 0; i < n; ++i) {
        if (i == pivot) continue;
        const double times = h[i * n + pivot];
        for (size_t j = 0; j < n; ++j) {
          h[i * n + j] -= times * h[pivot * n + j];
          inverse[i * n + j] -= times * inverse[pivot * n + j];
        }
      }
    }
    for (size_t row = 0; row < w.rows; ++row) {
      float largest = 0;
      for (size_t c = 0; c < k; ++c) largest = std::max(largest, std::abs(w.row(row)[c]));
      const double scale = static_cast<double>(largest / 127), target = rest[row * k + left[0]],
                   q = std::clamp(std::nearbyint(target / scale), -127.0, 127.0);
      out[row * k + left[0]] = static_cast<int8_t>(q);
      for (size_t j = 1; j < n; ++j)
        rest[row * k + left[j]] -= (target - q * scale) * inverse[j] / inverse[0];
    }
  }
  return out;
}

TEST(Gptq, IsWhatItsDefinitionGives) {
  for (const size_t k : {3, 12, 70}) {
    const Matrix w = random_weights(5, k, 12);
    const Moments m = correlated(k, k / 3, 13);
    EXPECT_EQ(quantise_weights(w, m, 0.01, 1).values, by_definition(w, m, 0.01)) << k;
  }
}

// Inputs that never change: their covariance is zero, apart from rounding errors of either sign.
TEST(Gptq, ConstantInputsGivePlainRounding) {
  const size_t k = 48;
  Moments m{std::vector<double>(k, 3.0), std::vector<double>(k * k, 0.0)};
  for (size_t i = 0; i < k; ++i)
    for (size_t j = 0; j < k; ++j)
      m.covariance[i * k + j] = (static_cast<double>((i * 7 + j * 7) % 5) - 2.0) * 1e-7;
  const Matrix w = random_weights(20, k, 9);
  const QuantisedWeights plain = quantise_weights(w, {}, 0.1, 1),
                         q = quantise_weights(w, m, 0.1, 1);
  for (size_t i = 0; i < plain.values.size(); ++i)
    EXPECT_NEAR(q.values[i], plain.values[i], 1) << i;
}

TEST(Gptq, SurvivesDegenerateInputs) {
  const Matrix zero(3, 8);
  const QuantisedWeights q = quantise_weights(zero, correlated(8, 2, 7), 0.01, 1);
  for (const int8_t v : q.values) EXPECT_EQ(v, 0);
  for (const float s : q.scale) EXPECT_GT(s, 0);
  const Moments silent{std::vector<double>(8, 0.0),
                       std::vector<double>(64, 0.0)};  // inputs that are always 0
  const Matrix w = random_weights(3, 8, 8);
  EXPECT_EQ(quantise_weights(w, silent, 0.01, 1).values, quantise_weights(w, {}, 0.01, 1).values);
}

TEST(Gptq, ScalesOnAGrid) {
  const Matrix w = random_weights(5, 24, 11);
  const std::vector<float> grid = {0.001f, 0.0001f, 0.5f, 0x1p-10f, 0x1p-16f};
  const QuantisedWeights plain = quantise_weights(w, {}, 0.1, 1),
                         q = quantise_weights(w, {}, 0.1, 1, grid);
  for (size_t i = 0; i < 5; ++i) {
    const double steps = static_cast<double>(q.scale[i]) / static_cast<double>(grid[i]);
    EXPECT_NEAR(steps, std::round(steps), 1e-5 * steps) << i;
    EXPECT_GE(q.scale[i], plain.scale[i] * 0.999999f) << i;
    EXPECT_LE(q.scale[i], plain.scale[i] + 1.000001f * grid[i]) << i;
  }
}

}  // namespace
}  // namespace vitro
