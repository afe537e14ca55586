// SPDX-License-Identifier: Apache-2.0
// What the law's weights start from, for the attention kernels that keep the remainders of 32
// neighbours in registers. A constant alone, with internal linkage, so that no object can pick it
// up from another.
#pragma once

#include <stdint.h>

namespace vitro {
namespace {

// [token % 32]: its five bits reversed, times two, plus one.
alignas(64) constexpr uint16_t kFirstRemainders[32] = {1,  33, 17, 49, 9,  41, 25, 57, 5,  37, 21,
                                                       53, 13, 45, 29, 61, 3,  35, 19, 51, 11, 43,
                                                       27, 59, 7,  39, 23, 55, 15, 47, 31, 63};

constexpr float kLeader = 4147841.5f;  // 16293 * 16293 / 64: what the leader weighs where the
                                       // others count by exp2 of its lead

}  // namespace
}  // namespace vitro
