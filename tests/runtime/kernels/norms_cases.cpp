// SPDX-License-Identifier: Apache-2.0
// norm and head_norm: rows and heads of many widths.
#include "tests/runtime/kernels/cases.h"

namespace vitro {

namespace {

// Epsilons and channels with which nothing, something and everything saturates.
struct Reach {
  float epsilon, channel;
};

constexpr Reach kReaches[] = {
    {1e-5f, 900.0f}, {0x1p-60f, 30000.0f}, {0x1p60f, 0x1p40f}, {1e-6f, 0x1p40f}, {4.0f, 0x1p-39f}};

Case norm(size_t m, size_t dim, const Reach& reach, Values values, CaseMemory& memory) {
  Case c{};
  c.kernel = Case::Kernel::norm;
  c.values = values;
  c.seed = static_cast<uint32_t>(dim * 8 + m);
  Source source(c.seed, values);
  memory.begin();
  const int16_t* const src = memory.integers<int16_t>(source, m * dim, -32768, 32767);
  const float* const gamma = memory.reals(source, dim, -reach.channel, reach.channel);
  const float* const beta = memory.reals(source, dim, -900.5f, 900.5f);
  c.norm = {src, m, dim, reach.epsilon, gamma, beta, nullptr};
  c.bytes = m * dim * 2;
  return c;
}

struct Heads {
  size_t count, width;
  int32_t highest;  // of their numbers: small ones make short heads, of which epsilon is a part
};

Case head_norm(const Heads& heads, const Reach& reach, Values values, CaseMemory& memory) {
  const size_t cols = heads.count * heads.width;
  Case c{};
  c.kernel = Case::Kernel::head_norm;
  c.values = values;
  c.seed = static_cast<uint32_t>(heads.width * 8 + heads.count);
  Source source(c.seed, values);
  memory.begin();
  const int16_t* const src =
      memory.integers<int16_t>(source, cols, -heads.highest - 1, heads.highest);
  const float* const gain = memory.reals(source, cols, -reach.channel, reach.channel);
  c.head_norm = {src, heads.count, heads.width, reach.epsilon, gain, nullptr};
  c.bytes = cols;
  return c;
}

constexpr size_t kDims[] = {1, 3, 4, 7, 8, 15, 16, 17, 24, 31, 33, 96, 200, 4096};
constexpr size_t kWidths[] = {1, 4, 7, 8, 12, 15, 16, 17, 20, 24, 31, 32, 36, 60, 64, 100, 512};
constexpr int32_t kHighest[] = {1, 300, 32767};
constexpr Case::InPlace kInPlace[] = {Case::InPlace::none, Case::InPlace::first};
constexpr size_t kHeads[] = {1, 3, 16, 17, 40};  // sixteen are measured at once

// Nothing but the lowest number: two of its squares together are no int32.
void lowest(CaseMemory& memory, CaseVisitor visit) {
  constexpr size_t kWidth = 512;
  memory.begin();
  Case c{};
  c.kernel = Case::Kernel::head_norm;
  int16_t* const src = memory.get<int16_t>(kWidth);
  float* const gain = memory.get<float>(kWidth);
  for (size_t i = 0; i < kWidth; ++i) {
    src[i] = -32768;
    gain[i] = static_cast<float>(i);
  }
  c.head_norm = {src, 1, kWidth, 1e-6f, gain, nullptr};
  c.bytes = kWidth;
  visit(c);
}

void all_rows(Values values, CaseMemory& memory, CaseVisitor visit) {
  for (const size_t dim : kDims)
    for (const Reach& reach : kReaches)
      for (const Case::InPlace in_place : kInPlace) {
        Case c = norm(3, dim, reach, values, memory);
        c.in_place = in_place;
        visit(c);
      }
}

void all_heads(Values values, CaseMemory& memory, CaseVisitor visit) {
  for (const size_t width : kWidths)
    for (const size_t count : kHeads)
      for (const Reach& reach : kReaches)
        for (const int32_t highest : kHighest)
          if (count * width <= 4096)  // as many columns as are normalised
            visit(head_norm({count, width, highest}, reach, values, memory));
}

// Rows of Swin V2's third stage.
void layers(CaseMemory& memory, CaseVisitor visit) {
  Case row = norm(24, 384, {1e-5f, 900.0f}, Values::random, memory);
  row.name = "384";
  visit(row);
  Case heads = head_norm({12, 32, 9000}, {1e-12f, 90.0f}, Values::random, memory);
  heads.name = "row";
  visit(heads);
}

}  // namespace

void visit_norms(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::models) return layers(memory, visit);
  if (list != List::large) return;
  lowest(memory, visit);
  for (const Values values : kAllValues) {
    all_rows(values, memory, visit);
    all_heads(values, memory, visit);
  }
}

}  // namespace vitro
