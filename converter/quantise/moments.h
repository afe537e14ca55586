// SPDX-License-Identifier: Apache-2.0
// First and second moments of a linear's inputs, exact and in the form that calibration files keep.
#pragma once

#include <cstdint>
#include <vector>

namespace vitro::converter {

/// Mean [k], covariance [k, k] row-major.
struct Moments {
  std::vector<double> mean;
  std::vector<double> covariance;
};

/// The same in an eighth of the memory: covariance of i and j is deviation[i] * deviation[j] *
/// correlation / 32767.
struct PackedMoments {
  std::vector<float> mean, deviation;  // [k]
  std::vector<int16_t> correlation;    // of columns i > j at i (i - 1) / 2 + j
};

PackedMoments pack(const Moments& moments);
Moments unpack(const PackedMoments& packed);

}  // namespace vitro::converter
