// SPDX-License-Identifier: Apache-2.0
// What the verifier lets through, in one place for it, the ops and the converter.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

constexpr uint32_t kFormatVersion = 2;

constexpr uint32_t kMaxExtent = 1u << 24;  // rows and columns of a tensor are below it

// What a program may have, take and cost: the law is in schema/README.md.
constexpr size_t kMaxOps = 4096, kMaxStepOps = 64;
constexpr size_t kMaxTensors = 16384;
constexpr size_t kMaxOutputs = 256, kMaxOutputName = 255;  // bytes of a name
constexpr size_t kMaxGoldens = 64;
constexpr size_t kMaxFileBytes = 0x7fffffff;                // fewer, as offsets are of 31 bits
constexpr uint32_t kMaxTables = 1 << 17, kMaxNesting = 16;  // of FlatBuffers
constexpr uint32_t kMaxArenaBytes = 1u << 30;               // of the planned region but its scratch
constexpr uint32_t kMaxScratchBytes = 1u << 26;             // of a thread
#ifndef VITRO_MAX_MACS
#define VITRO_MAX_MACS (uint64_t{1} << 42)
#endif
// Of a run, as vitro_work_info counts. Each op's alone is below 2^58: nothing overflows.
constexpr uint64_t kMaxMacs = VITRO_MAX_MACS, kMaxBytes = uint64_t{1} << 40, kMaxCalls = 1 << 24;
constexpr uint64_t kMaxScans = 4;  // times the file's size: what the verifier reads of constants
constexpr uint32_t kMaxLooks = 1 << 20;  // how often it looks at an op, for what others read

// The floats of a file: magnitudes from `smallest`, which is normal, to `largest`; 0 and negative
// numbers where they mean something.
struct FloatRange {
  float smallest, largest;
  bool zero = false, negative = false;
};
inline constexpr FloatRange kScaleRange{0x1p-40f, 0x1p40f};
inline constexpr FloatRange kChannelRange{0x1p-40f, 0x1p40f, true, true};  // and addends
inline constexpr FloatRange kEpsilonRange{0x1p-60f, 0x1p60f};
inline constexpr FloatRange kReciprocalRange{0x1p-40f, 1};
inline constexpr FloatRange kMeanRange{0x1p-20f, 0x1p20f, true, true};
inline constexpr FloatRange kDeviationRange{0x1p-20f, 0x1p20f};
inline constexpr FloatRange kRescaleRange{0x1p-20f, 0x1p20f, true};

// Of static ops no product reaches 2^22 (arithmetic.md).
inline constexpr FloatRange kStaticNormScaleRange{0x1p-40f, 32768};
inline constexpr FloatRange kStaticQuantiseScaleRange{0x1p-40f, 64};
inline constexpr FloatRange kStaticAddScaleRange{0x1p-40f, 16384};

// By how many columns of a head attention's scores reach further apart, each worth 2 * 127^2:
// with a bias of int16 << shift; with regions, whose other keys lie up to 2^27 away.
constexpr uint32_t bias_reach(unsigned shift) {
  return (uint32_t{1} << (16 + shift)) / (2 * 127 * 127) + 1;
}
constexpr uint32_t kRegionReach = (1u << 27) / (2 * 127 * 127) + 1;

constexpr unsigned kMinGeluFraction = 6, kMaxGeluFraction = 13;
constexpr unsigned kMinSiluFraction = 6, kMaxSiluFraction = 11;

constexpr uint32_t kMaxNormCols = 4096;  // cols * sum of squares < 2^54, sum - lowest * cols < 2^28
constexpr uint32_t kMaxDepth = 32768;    // of a linear: 255 * 127 * depth < 2^31
constexpr uint32_t kMaxTokens = 65536;   // of a group of keys: 255 * 127 * tokens < 2^31
constexpr uint32_t kMaxMeanRows = 32768;  // 2^15 * rows <= 2^30

// Threads share a step's rows in multiples of kRowGrain, so that kernels of 6 rows (x86) and 4
// (NEON) meet full tiles but for one; where there are no more, one by one. The planner's tiles have
// at most kLargestTile rows: larger ones leave L1 without reading weights less often.
constexpr uint32_t kRowGrain = 12;
constexpr uint32_t kLargestTile = 4 * kRowGrain;

}  // namespace vitro
