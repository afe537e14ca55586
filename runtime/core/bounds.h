// SPDX-License-Identifier: Apache-2.0
// What the verifier lets through, in one place for it, the ops and the converter.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

constexpr uint32_t kFormatVersion = 2;

constexpr uint32_t kMaxExtent = 1u << 24;  // rows and columns of a tensor are below it
constexpr size_t kMaxOps = 4096;           // of a program: verification is O(ops^2)
constexpr size_t kMaxOutputs = 256;

// A float of a file: of a magnitude in [2^-exponent, 2^(exponent + 1)), or 0 where that means
// something.
struct FloatRange {
  int exponent;
  bool zero_allowed;

  constexpr float largest() const {
    float power = 1;
    for (int i = 0; i < exponent; ++i) power *= 2;
    return power;
  }
  constexpr float smallest() const { return 1 / largest(); }
};
constexpr FloatRange kScaleRange{40, false};
constexpr FloatRange kChannelRange{40, true};  // scales and biases of a linear
constexpr FloatRange kEpsilonRange{60, false};
constexpr FloatRange kPixelRange{20, true};  // mean, rescale
constexpr FloatRange kDeviationRange{20, false};

// The largest scales of static ops: no product reaches 2^22 (arithmetic.md).
constexpr float kMaxStaticNormScale = 32768;
constexpr float kMaxStaticQuantiseScale = 64;
constexpr float kMaxStaticAddScale = 16384;

constexpr unsigned kMinGeluFraction = 6, kMaxGeluFraction = 13;

constexpr uint32_t kMaxNormCols = 4096;  // cols * sum of squares < 2^54, sum - lowest * cols < 2^28
constexpr uint32_t kMaxDepth = 32768;    // of a linear: 255 * 127 * depth < 2^31
constexpr uint32_t kMaxTokens = 65536;   // of a group of keys: 255 * 127 * tokens < 2^31
constexpr uint32_t kMaxMeanRows = 32768;  // 2^15 * rows <= 2^30

// Threads share a step's rows in multiples of kRowGrain, so that kernels of 6 rows (x86) and 4
// (NEON) meet full tiles but for one. The planner's tiles have at most kLargestTile rows: larger
// ones leave L1 without reading weights less often.
constexpr uint32_t kRowGrain = 12;
constexpr uint32_t kLargestTile = 4 * kRowGrain;

}  // namespace vitro
