// SPDX-License-Identifier: Apache-2.0
#include "tests/runtime/kernels/compare.h"

#include <string.h>

#include "platforms/firmware/crc32.h"
#include "tests/runtime/kernels/report.h"

namespace vitro {
namespace {

constexpr uint8_t kFill = 0xa5;
constexpr uint32_t kMostReports = 4;

size_t alignment_of(const Case& c) {
  switch (c.kernel) {
    case Case::Kernel::linear: return element_bytes(c.linear.output);
    case Case::Kernel::attention: return alignof(int16_t);
    case Case::Kernel::rotate_pairs:
    case Case::Kernel::head_norm:
    case Case::Kernel::static_norm:
    case Case::Kernel::static_quantise:
    case Case::Kernel::lookup: return alignof(int8_t);
    default: return alignof(RowParams);
  }
}

// The memory that a kernel writes, with guards around it.
struct Output {
  uint8_t* dst;
  size_t bytes;

  Output(CaseMemory& memory, const Case& c)
      : dst(memory.aligned(alignment_of(c) + c.bytes + 2 * kGuard) + alignment_of(c) + kGuard),
        bytes(c.bytes) {}
  void fill() { memset(dst - kGuard, kFill, bytes + 2 * kGuard); }
  bool guards_intact() const {
    const uint8_t* const before = dst - kGuard;
    for (size_t i = 0; i < kGuard; ++i)
      if (before[i] != kFill || dst[bytes + i] != kFill) return false;
    return true;
  }
};

uint8_t* workspace_of(const Case& c) {
  return static_cast<uint8_t*>(c.kernel == Case::Kernel::attention ? c.attention.workspace
                                                                   : c.add_softmax.scores);
}

void run_into(Output& output, const Case& c, const KernelTable& table) {
  output.fill();
  if (c.workspace_bytes != 0) memset(workspace_of(c), kFill, c.workspace_bytes + kGuard);
  run(c, table, output.dst);
}

bool workspace_guard_intact(const Case& c) {
  if (c.workspace_bytes == 0) return true;
  const uint8_t* const guard = workspace_of(c) + c.workspace_bytes;
  for (size_t i = 0; i < kGuard; ++i)
    if (guard[i] != kFill) return false;
  return true;
}

}  // namespace

Comparer::Comparer(uint8_t* bytes, size_t size, void (*print)(const char*))
    : memory_(bytes, size), print_(print) {
  while (count_ < kMostTables && (tables_[count_] = kernel_table(count_)) != nullptr) ++count_;
}

void Comparer::compare(List list, Group group, const char* isa) {
  const auto visit = [&](const Case& c) { compare(c, isa); };
  visit_cases(list, group, memory_, visit);
}

void Comparer::compare(const Case& c, const char* isa) {
  Output want(memory_, c), got(memory_, c);
  const KernelTable& reference = *tables_[count_ - 1];
  run_into(want, c, reference);
  result_.reference_crc = crc32(result_.reference_crc, want.dst, want.bytes);
  for (size_t i = 0; i < count_; ++i) {
    const KernelTable& table = *tables_[i];
    if (isa ? strcmp(isa, table.isa) != 0 : &table == &reference) continue;
    run_into(got, c, table);
    ++result_.compared;
    const Difference found = {want.dst, got.dst, !got.guards_intact(), !workspace_guard_intact(c)};
    if (memcmp(want.dst, got.dst, c.bytes) == 0 && !found.outside && !found.outside_workspace)
      continue;
    if (result_.different++ < kMostReports) report(c, table, found, print_);
  }
  if (!memory_.overflowed()) return;
  if (result_.different++ == 0) print_("the memory that cases are made in is too small\n");
}

}  // namespace vitro
