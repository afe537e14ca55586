// SPDX-License-Identifier: Apache-2.0
// Plain loops; sums run in kLanes independent lanes, since without -ffast-math a compiler
// vectorises no other sum.
#include "converter/matrix/float_ops.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

namespace vitro::converter::float_ops {
namespace {

constexpr size_t kLanes = 16;

/// The same value without a branch: GCC if-converts no float comparison while -ftrapping-math (its
/// default) holds, so that `x < -87 ? -87 : x` would leave the whole loop scalar (GELU 3 x slower).
/// Negative floats order like their bits.
inline float at_least_minus_87(float x) {
  constexpr int32_t kMinus87 = INT32_MIN | 0x42ae0000;
  int32_t bits;
  std::memcpy(&bits, &x, 4);
  bits |= INT32_MIN;
  bits = bits > kMinus87 ? kMinus87 : bits;
  std::memcpy(&x, &bits, 4);
  return x;
}

/// e^x for x <= 0 within 2 ulp; below -87 as -87. Cephes' polynomial.
inline float exp_nonpositive(float x) {
  x = at_least_minus_87(x);
  const float n =
      (x * 1.44269504f + 12582912.0f) - 12582912.0f;  // 1.5 * 2^23: rounds to the nearest integer
  const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * r * r + r + 1.0f;
  const int32_t bits = (static_cast<int32_t>(n) + 127) << 23;
  float power;
  std::memcpy(&power, &bits, 4);
  return p * power;
}

/// sum of f(x[i]) over n, in double.
template <typename F>
double sum(const float* x, size_t n, F f) {
  double lanes[kLanes] = {};
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) lanes[l] += f(x[i + l]);
  }
  for (; i < n; ++i) lanes[0] += f(x[i]);
  double total = 0;
  for (const double lane : lanes) total += lane;
  return total;
}

float maximum(const float* x, size_t n) {
  float lanes[kLanes];
  std::fill(lanes, lanes + kLanes, x[0]);
  size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (size_t l = 0; l < kLanes; ++l) lanes[l] = lanes[l] < x[i + l] ? x[i + l] : lanes[l];
  }
  for (; i < n; ++i) lanes[0] = std::max(lanes[0], x[i]);
  return *std::max_element(lanes, lanes + kLanes);
}

}  // namespace

void layer_norm(const float* x, size_t rows, size_t cols, const float* gamma, const float* beta,
                float epsilon, float* y) {
  for (size_t r = 0; r < rows; ++r, x += cols, y += cols) {
    const double mean =
        sum(x, cols, [](float v) { return static_cast<double>(v); }) / static_cast<double>(cols);
    const double variance = sum(x, cols, [mean](float v) { return (v - mean) * (v - mean); }) /
                            static_cast<double>(cols);
    const double inverse = 1 / std::sqrt(variance + epsilon);
    for (size_t c = 0; c < cols; ++c) y[c] = static_cast<float>((x[c] - mean) * inverse);
    if (gamma == nullptr) continue;
    for (size_t c = 0; c < cols; ++c) y[c] = y[c] * gamma[c] + beta[c];
  }
}

void softmax(float* x, size_t rows, size_t cols, float scale) {
  for (size_t r = 0; r < rows; ++r, x += cols) {
    const float top = maximum(x, cols);
    for (size_t c = 0; c < cols; ++c) x[c] = exp_nonpositive((x[c] - top) * scale);
    const auto inverse =
        static_cast<float>(1 / sum(x, cols, [](float v) { return static_cast<double>(v); }));
    for (size_t c = 0; c < cols; ++c) x[c] *= inverse;
  }
}

void gelu(const float* x, size_t n, float* y) {
  // x * (1 + erf(x / sqrt 2)) / 2 by q = erfc(|x| / sqrt 2), which does not cancel for negative x;
  // Abramowitz and Stegun 7.1.26.
  for (size_t i = 0; i < n; ++i) {
    const float a = std::fabs(x[i]);
    const float t = 1.0f / (1.0f + 0.3275911f * 0.70710678f * a);
    float q = 1.061405429f;
    q = q * t - 1.453152027f;
    q = q * t + 1.421413741f;
    q = q * t - 0.284496736f;
    q = q * t + 0.254829592f;
    q *= t * exp_nonpositive(-0.5f * a * a);
    y[i] = (0.5f * x[i] + 0.5f * a) - 0.5f * a * q;  // the sum is max(x, 0)
  }
}

void gelu_by_tanh(const float* x, size_t n, float* y) {
  // (1 + tanh u) / 2 is the logistic function of 2 u, which with e = exp(-|2 u|) is 1 / (1 + e) or,
  // for negative u, e / (1 + e).
  for (size_t i = 0; i < n; ++i) {
    const float a = std::fabs(x[i]);
    const float e = exp_nonpositive(-1.59576912f * (a + 0.044715f * a * a * a));
    y[i] = (0.5f * x[i] + 0.5f * a) - a * e / (1.0f + e);  // the sum is max(x, 0)
  }
}

void silu(const float* x, size_t n, float* y) {
  for (size_t i = 0; i < n; ++i) {
    const float a = std::fabs(x[i]);
    const float e = exp_nonpositive(-a);
    y[i] = (0.5f * x[i] + 0.5f * a) - a * e / (1.0f + e);
  }
}

void add(const float* a, const float* b, size_t n, float* y) {
  for (size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}

void average(const float* a, const float* b, size_t n, float* y) {
  for (size_t i = 0; i < n; ++i) y[i] = (a[i] + b[i]) * 0.5f;
}

void mean_rows(const float* x, size_t rows, size_t cols, size_t first, float* y) {
  std::vector<double> sums(cols);
  for (size_t r = first; r < rows; ++r) {
    for (size_t c = 0; c < cols; ++c) sums[c] += x[r * cols + c];
  }
  for (size_t c = 0; c < cols; ++c)
    y[c] = static_cast<float>(sums[c] / static_cast<double>(rows - first));
}

}  // namespace vitro::converter::float_ops
