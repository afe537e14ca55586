// SPDX-License-Identifier: Apache-2.0
// The numbers of the law (core/arithmetic.md), once for the reference kernels and every ISA.
// Constants alone, with internal linkage, so that no object can pick them up from another.
#pragma once

#include <stdint.h>

namespace vitro {
namespace {

// Added to a float below 2^22 in magnitude it leaves no fraction bits, so the addition rounds, and
// the sum's bits less kRounderBits are the integer.
constexpr float kRounder = 12582912.0f;  // 1.5 * 2^23
constexpr int32_t kRounderBits = 0x4b400000;

// gelu: of w^7 .. w^0, Q15.
constexpr int16_t kGelu[8] = {-2770, 1965, 7982, -10745, 403, 7293, -5616, 1485};

// silu: of w^11 .. w^0, Q14; and two thirds, Q15.
constexpr int16_t kSilu[12] = {-7338, 9184, 13023, -21530, 1459,  6732,
                               -1684, 2355, -4247, 3018,   -1213, 242};
constexpr int16_t kTwoThirds = 21845;

// exp2: of w^2 .. w^0. The first whose weight is 0 shifts by 14 bits and more.
constexpr int16_t kExp2[3] = {2753, -10872, 16293};
constexpr int16_t kLargestExponent = 30719;

// [token % 32]: what a token's weight starts from: its five bits reversed, times two, plus one.
alignas(64) constexpr uint16_t kFirstRemainders[32] = {1,  33, 17, 49, 9,  41, 25, 57, 5,  37, 21,
                                                       53, 13, 45, 29, 61, 3,  35, 19, 51, 11, 43,
                                                       27, 59, 7,  39, 23, 55, 15, 47, 31, 63};

constexpr float kLeader = 4147841.5f;      // 16293 * 16293 / 64: what the leader weighs where the
                                           // others count by exp2 of its lead
constexpr float kAttentionUnits = 258.0f;  // of attention's outputs for one unit of v

}  // namespace
}  // namespace vitro
