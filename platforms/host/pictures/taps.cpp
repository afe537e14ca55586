// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/pictures/taps.h"

#include <algorithm>
#include <cmath>

#if defined(__FAST_MATH__)
#error "taps.cpp must round as IEEE 754 says: build it without -ffast-math"
#endif

namespace vitro::host::pictures {

namespace {

constexpr double kPi = 3.14159265358979323846;

// sin(pi x) and cos(pi x) for |x| <= 1/2 by their series, to a few 2^-53. The C libraries' own
// differ in the last bit; either way a weight, which is rounded to 2^-22, is Pillow's.
double sin_series(double x) {
  const double y = kPi * x, square = y * y;
  double term = y, sum = y;
  for (int n = 2; n <= 24; n += 2) sum += term *= -square / (n * (n + 1));
  return sum;
}

double cos_series(double x) {
  const double y = kPi * x, square = y * y;
  double term = 1, sum = 1;
  for (int n = 1; n <= 23; n += 2) sum += term *= -square / (n * (n + 1));
  return sum;
}

// Whole half-turns are taken off exactly. 0 <= x <= 3.
double sin_pi(double x) {
  const int turns = static_cast<int>(x + 0.5);
  const double sine = sin_series(x - turns);
  return turns % 2 ? -sine : sine;
}

double cos_pi(double x) {
  const int turns = static_cast<int>(x + 0.5);
  const double cosine = cos_series(x - turns);
  return turns % 2 ? -cosine : cosine;
}

double sinc(double x) { return x == 0 ? 1 : sin_pi(x) / (x * kPi); }

double support_of(ResizeFilter filter) {
  switch (filter) {
    case ResizeFilter::Box: return 0.5;
    case ResizeFilter::Bicubic: return 2;
    case ResizeFilter::Lanczos: return 3;
    default: return 1;
  }
}

double weight_at(ResizeFilter filter, double signed_x) {
  const double x = std::fabs(signed_x);
  switch (filter) {
    case ResizeFilter::Box: return signed_x > -0.5 && signed_x <= 0.5 ? 1 : 0;
    // 0.54f and 0.46f, as Pillow writes them.
    case ResizeFilter::Hamming:
      return x >= 1 ? 0
             : x == 0
                 ? 1
                 : sinc(x) * (static_cast<double>(0.54f) + static_cast<double>(0.46f) * cos_pi(x));
    case ResizeFilter::Lanczos: return signed_x >= -3 && signed_x < 3 ? sinc(x) * sinc(x / 3) : 0;
    case ResizeFilter::Bicubic: {
      constexpr double a = -0.5;
      if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
    }
    default: return x < 1 ? 1 - x : 0;
  }
}

Taps nearest_taps(size_t in, size_t out, size_t begin, size_t count) {
  Taps result;
  result.weights.push_back(1 << kWeightBits);
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  double at = scale * 0.5;
  // Steps are added up, not multiplied: so are Pillow's, and so are their roundings.
  for (size_t o = 0; o < begin + count; ++o, at += scale)
    if (o >= begin) result.taps.push_back({std::min(static_cast<size_t>(at), in - 1), 1, 0});
  return result;
}

}  // namespace

size_t Taps::longest() const {
  size_t most = 0;
  for (const Tap& tap : taps) most = std::max(most, tap.count);
  return most;
}

Taps make_taps(ResizeFilter filter, size_t in, size_t out, size_t begin, size_t count) {
  if (filter == ResizeFilter::Nearest || in == out) return nearest_taps(in, out, begin, count);
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = support_of(filter) * stretch;
  Taps result;
  std::vector<double> exact;
  for (size_t o = begin; o < begin + count; ++o) {
    const double centre = (static_cast<double>(o) + 0.5) * scale;
    const double low = centre - support + 0.5, high = centre + support + 0.5;
    const size_t first = low > 0 ? static_cast<size_t>(low) : 0;
    const size_t last = std::min(in, static_cast<size_t>(high));
    exact.clear();
    double sum = 0;
    for (size_t i = first; i < last; ++i) {
      exact.push_back(weight_at(filter, (static_cast<double>(i) - centre + 0.5) * (1.0 / stretch)));
      sum += exact.back();
    }
    result.taps.push_back({first, last - first, result.weights.size()});
    for (double weight : exact) {
      const double scaled = (sum != 0 ? weight / sum : weight) * (1 << kWeightBits);
      result.weights.push_back(static_cast<int32_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5));
    }
  }
  return result;
}

Taps mirrored(const Taps& taps, size_t in) {
  Taps result;
  for (auto tap = taps.taps.rbegin(); tap != taps.taps.rend(); ++tap) {
    result.taps.push_back({in - tap->first - tap->count, tap->count, result.weights.size()});
    for (size_t i = tap->count; i-- > 0;) result.weights.push_back(taps.weights[tap->offset + i]);
  }
  return result;
}

}  // namespace vitro::host::pictures
