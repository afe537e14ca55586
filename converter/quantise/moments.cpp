// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/moments.h"

#include <algorithm>
#include <cmath>

namespace vitro::converter {

PackedMoments pack(const Moments& moments) {
  const size_t k = moments.mean.size();
  PackedMoments packed;
  packed.mean.assign(moments.mean.begin(), moments.mean.end());
  for (size_t i = 0; i < k; ++i)
    packed.deviation.push_back(
        static_cast<float>(std::sqrt(std::max(0.0, moments.covariance[i * k + i]))));
  packed.correlation.reserve(k * (k - 1) / 2);
  for (size_t i = 0; i < k; ++i)
    for (size_t j = 0; j < i; ++j) {
      const double scale =
          static_cast<double>(packed.deviation[i]) * static_cast<double>(packed.deviation[j]);
      const double correlation = scale > 0 ? moments.covariance[i * k + j] / scale : 0;
      packed.correlation.push_back(
          static_cast<int16_t>(std::lrint(std::clamp(correlation, -1.0, 1.0) * 32767)));
    }
  return packed;
}

Moments unpack(const PackedMoments& packed) {
  const size_t k = packed.mean.size();
  Moments moments;
  moments.mean.assign(packed.mean.begin(), packed.mean.end());
  moments.covariance.resize(k * k);
  const int16_t* correlation = packed.correlation.data();
  for (size_t i = 0; i < k; ++i) {
    const double deviation = static_cast<double>(packed.deviation[i]);
    moments.covariance[i * k + i] = deviation * deviation;
    for (size_t j = 0; j < i; ++j)
      moments.covariance[i * k + j] = moments.covariance[j * k + i] =
          deviation * static_cast<double>(packed.deviation[j]) * (*correlation++ / 32767.0);
  }
  return moments;
}

}  // namespace vitro::converter
