// SPDX-License-Identifier: Apache-2.0
// What stands between static linears: static_norm, static_quantise, static_add and lookup.
#include "runtime/core/bounds.h"
#include "tests/runtime/kernels/cases.h"

namespace vitro {

namespace {

using InPlace = Case::InPlace;

struct Steps {
  float scale;
  int32_t zero_point;
};

Case row_case(Case::Kernel kernel, size_t count, Values values) {
  Case c{};
  c.kernel = kernel;
  c.values = values;
  c.seed = static_cast<uint32_t>(count);
  c.bytes = count;
  return c;
}

Case norm(size_t m, size_t dim, float epsilon, const Steps& steps, Values values,
          CaseMemory& memory) {
  Case c = row_case(Case::Kernel::static_norm, m * dim, values);
  Source source(c.seed, values);
  memory.begin();
  const int16_t* const src = memory.integers<int16_t>(source, m * dim, -32768, 32767);
  c.static_norm = {src, m, dim, epsilon, steps.scale, steps.zero_point, nullptr};
  return c;
}

Case quantise(size_t count, const Steps& steps, Values values, CaseMemory& memory) {
  Case c = row_case(Case::Kernel::static_quantise, count, values);
  Source source(c.seed, values);
  memory.begin();
  const int16_t* const src = memory.integers<int16_t>(source, count, -32768, 32767);
  c.static_quantise = {src, count, steps.scale, steps.zero_point, nullptr};
  return c;
}

Case add(size_t count, float scale, Values values, CaseMemory& memory) {
  Case c = row_case(Case::Kernel::static_add, count, values);
  Source source(c.seed, values);
  memory.begin();
  const int8_t* const src = memory.integers<int8_t>(source, count, -128, 127);
  const int16_t* const addend = memory.integers<int16_t>(source, count, -32768, 32767);
  c.static_add = {src, addend, count, scale, nullptr};
  c.bytes = count * sizeof *addend;
  return c;
}

// The first 256 values are all there are.
Case lookup(size_t count, CaseMemory& memory) {
  Case c = row_case(Case::Kernel::lookup, count, Values::random);
  Source source(c.seed, c.values);
  memory.begin();
  int8_t* const src = memory.get<int8_t>(count);
  for (size_t i = 0; i < count; ++i) src[i] = static_cast<int8_t>(i * 77);
  const int8_t* const table = memory.integers<int8_t>(source, 256, -128, 127);
  c.lookup = {src, count, table, nullptr};
  return c;
}

// The verifier's bounds, halves, and what saturates in part.
constexpr Steps kNormSteps[] = {
    {30.0f, 0}, {kStaticNormScaleRange.largest, -128}, {kStaticNormScaleRange.smallest, 127}};
constexpr float kEpsilons[] = {1e-5f, 0x1p-60f, 0x1p60f};
constexpr Steps kQuantiseSteps[] = {{0.5f, 0},
                                    {0x1p-8f, -5},
                                    {kStaticQuantiseScaleRange.largest, -128},
                                    {kStaticQuantiseScaleRange.smallest, 127}};
constexpr float kAddScales[] = {0.5f, 97.3f, kStaticAddScaleRange.largest,
                                kStaticAddScaleRange.smallest};

constexpr InPlace kAddends[] = {InPlace::none, InPlace::second};
constexpr InPlace kSources[] = {InPlace::none, InPlace::first};

constexpr size_t kDims[] = {1, 3, 4, 7, 8, 15, 16, 17, 24, 31, 33, 96, 200, 4096};
constexpr size_t kCounts[] = {1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 2000};
constexpr size_t kLookups[] = {256, 1, 15, 16, 17, 63, 64, 65, 127, 1000};

void all(Values values, CaseMemory& memory, CaseVisitor visit) {
  for (const size_t dim : kDims)
    for (const float epsilon : kEpsilons)
      for (const Steps& steps : kNormSteps) visit(norm(3, dim, epsilon, steps, values, memory));
  for (const size_t count : kCounts) {
    for (const Steps& steps : kQuantiseSteps) visit(quantise(count, steps, values, memory));
    for (const float scale : kAddScales)
      for (const InPlace in_place : kAddends) {
        Case c = add(count, scale, values, memory);
        c.in_place = in_place;
        visit(c);
      }
  }
}

void lookups(CaseMemory& memory, CaseVisitor visit) {
  for (const size_t count : kLookups)
    for (const InPlace in_place : kSources) {
      Case c = lookup(count, memory);
      c.in_place = in_place;
      visit(c);
    }
}

// A step of DeiT-Ti.
void layers(CaseMemory& memory, CaseVisitor visit) {
  constexpr size_t kRows = 24, kDim = 192, kWide = 768;
  const auto named = [visit](Case c, const char* name) {
    c.name = name;
    visit(c);
  };
  named(norm(kRows, kDim, 1e-5f, {30.0f, 3}, Values::random, memory), "192");
  named(quantise(kRows * kDim, {0x1p-8f, 3}, Values::random, memory), "192");
  named(add(kRows * kDim, 97.3f, Values::random, memory), "192");
  named(lookup(kRows * kWide, memory), "768");
}

}  // namespace

void visit_statics(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::models) return layers(memory, visit);
  if (list != List::large) return;
  lookups(memory, visit);
  for (const Values values : kAllValues) all(values, memory, visit);
}

}  // namespace vitro
