// SPDX-License-Identifier: Apache-2.0
// What quantising learns from calibration pictures, so that it needs them no more.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "converter/quantise/moments.h"
#include "converter/quantise/statistics.h"

namespace vitro::converter {

/// The real values that a static tensor distinguishes; what lies outside saturates. lowest <= 0 <=
/// highest.
struct StaticRange {
  float lowest = 0, highest = 0;
};

/// All that is learnt from calibration pictures. Quantising with it gives what quantising with the
/// pictures gave, to the byte.
struct Calibration {
  size_t pictures = 0;         // how many there were
  bool static_scales = false;  // which kind of program it is for
  bool smoothed = false;       // whether its moments are of columns that smooth() has scaled
  std::vector<ColumnStatistics> statistics;  // by node, before columns are smoothed or centred
  std::map<size_t, PackedMoments> moments;   // by node that linear layers read
  std::map<size_t, StaticRange> ranges;      // static scales: by node whose value is static, but
                                             // for q, k and v, whose statistics suffice
};

/// Changes whenever the same pictures would give other numbers in a Calibration, or those numbers
/// another program.
constexpr uint32_t kRecipe = 2;

}  // namespace vitro::converter
