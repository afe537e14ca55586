// SPDX-License-Identifier: Apache-2.0
// Every kernel variant of the build against the reference, by bytes, for machines that have neither
// GoogleTest nor a heap; and the reference against itself on every other machine: the CRC of all
// that it wrote is one number everywhere.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace vitro {

/// What the reference writes for all shapes and formats of compare_kernels(), in order.
constexpr uint32_t kReferenceCrc = 0x2611ae7a;

/// Bytes that compare_kernels() needs.
constexpr size_t kComparisonBytes = 480 * 1024;

struct Comparison {
  uint32_t compared;   // runs of a variant, each against one of the reference
  uint32_t different;  // of them, those with a byte that differs or that lies outside
  uint32_t reference_crc;
};

/// `memory` holds kComparisonBytes at a multiple of 64. `report` gets a line for each difference.
Comparison compare_kernels(uint8_t* memory, void (*report)(const char* line));

}  // namespace vitro
