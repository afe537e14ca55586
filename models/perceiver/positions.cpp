// SPDX-License-Identifier: Apache-2.0
#include "models/perceiver/positions.h"

#include <cmath>
#include <vector>

namespace vitro::converter::perceiver {
namespace {

constexpr float kHighestFrequency = 112;  // half of 224 pixels, whatever the picture's size
constexpr float kPi = 3.14159265f;

// n numbers from `low` to `high`, to the bit as PyTorch makes them: sines of angles up to 352 show
// the rounding.
std::vector<float> linspace(float low, float high, size_t n) {
  std::vector<float> out(n, low);
  if (n < 2) return out;
  const float step = (high - low) / static_cast<float>(n - 1);
  for (size_t i = 0; i < n; ++i)
    out[i] = i < n / 2 ? low + step * static_cast<float>(i)
                       : high - step * static_cast<float>(n - 1 - i);
  return out;
}

}  // namespace

void write_fourier_positions(PixelSize image, size_t first_column, Matrix& positions) {
  const std::vector<float> y = linspace(-1, 1, image.height), x = linspace(-1, 1, image.width),
                           frequencies = linspace(1, kHighestFrequency, kFourierBands);
  for (size_t p = 0; p < positions.rows; ++p) {
    const float at[] = {y[p / x.size()], x[p % x.size()]};
    float* out = positions.row(p) + first_column;
    for (const float a : at) *out++ = a;
    for (const bool cosine : {false, true})
      for (const float a : at)
        for (const float frequency : frequencies) {
          const double angle = static_cast<double>(kPi * (a * frequency));
          *out++ = static_cast<float>(cosine ? std::cos(angle) : std::sin(angle));
        }
  }
}

}  // namespace vitro::converter::perceiver
