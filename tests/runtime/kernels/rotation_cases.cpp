// SPDX-License-Identifier: Apache-2.0
// rotate_pairs: rows of heads of many widths.
#include "tests/runtime/kernels/cases.h"

namespace vitro {

namespace {

struct Heads {
  size_t count, width;
};

// Extreme pairs, and scales with which nothing, something and everything saturates.
void rotation(const Heads& heads, Values values, uint32_t seed, const char* name,
              CaseMemory& memory, CaseVisitor visit) {
  Source source(seed, values);
  memory.begin();
  Case c{};
  c.kernel = Case::Kernel::rotate_pairs;
  c.name = name;
  c.values = values;
  c.seed = seed;
  RotatePairsArgs& args = c.rotate_pairs;
  args.heads = heads.count;
  args.head_dim = heads.width;
  args.src = memory.integers<int16_t>(source, heads.count * heads.width, -32768, 32767);
  args.turns = memory.integers<int16_t>(source, heads.width, -16384, 16384);
  float* const scale = memory.get<float>(heads.count);
  constexpr float kScales[] = {0x1p-24f, 0x1.23456p-21f, 0x1p-40f, 0x1p-30f, 0x1p40f};
  for (size_t h = 0; h < heads.count; ++h) scale[h] = kScales[(h + seed) % 5];
  args.scale = scale;
  c.bytes = heads.count * heads.width;
  visit(c);
}

constexpr size_t kRotatedWidths[] = {4,  8,  12, 16, 20, 28,  32,  36,  48, 60,
                                     64, 68, 72, 80, 96, 100, 128, 132, 512};

void rotations(CaseMemory& memory, CaseVisitor visit) {
  for (const size_t width : kRotatedWidths)
    for (size_t count = 1; count <= 7; count += 3)
      for (const Values values : kAllValues)
        for (uint32_t seed = 1; seed <= 5; ++seed)
          rotation({count, width}, values, seed, nullptr, memory, visit);
}

}  // namespace

void visit_rotation(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::models) return rotation({3, 64}, Values::random, 1, "row", memory, visit);
  if (list == List::large) rotations(memory, visit);
}

}  // namespace vitro
