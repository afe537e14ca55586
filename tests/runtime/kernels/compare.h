// SPDX-License-Identifier: Apache-2.0
// Compares kernel variants with the reference, by bytes. Needs neither a heap nor an operating
// system.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "tests/runtime/kernels/cases.h"

namespace vitro {

/// CRC-32 of all that the reference writes for List::frozen, one group after the other. It is the
/// same on every machine.
constexpr uint32_t kReferenceCrc = 0x2611ae7a;

struct Comparison {
  uint32_t compared = 0;   // runs of a variant, each compared with one of the reference
  uint32_t different = 0;  // runs with a byte that differs, or that was written outside
  uint32_t reference_crc = 0;
};

class Comparer {
 public:
  /// `bytes` has the memory_bytes() of the lists to be compared, and starts at a multiple of 64.
  /// `print` gets the reports of the first differences, in pieces (report.h).
  Comparer(uint8_t* bytes, size_t size, void (*print)(const char* text));

  /// Compares the variant `isa` or, where it is null, all variants that this CPU runs.
  void compare(List list, Group group, const char* isa = nullptr);
  const Comparison& result() const { return result_; }

 private:
  void compare(const Case& c, const char* isa);

  // Kept, because asking the CPU takes longer than many of the cases.
  static constexpr size_t kMostTables = 16;
  const KernelTable* tables_[kMostTables];
  size_t count_ = 0;
  CaseMemory memory_;
  void (*print_)(const char*);
  Comparison result_;
};

}  // namespace vitro
