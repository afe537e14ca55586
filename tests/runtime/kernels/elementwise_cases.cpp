// SPDX-License-Identifier: Apache-2.0
// gelu, silu, affine and multiply: values one by one.
#include <string.h>

#include "tests/runtime/kernels/cases.h"

namespace vitro {

namespace {

constexpr size_t kSiluCounts[] = {65536, 1, 15, 31, 33, 63, 65, 97, 160};

constexpr size_t kDims[] = {1, 4, 7, 8, 15, 16, 17, 24, 31, 33, 96, 200};

using InPlace = Case::InPlace;

// Scales from those that leave nothing of x to those whose products saturate.
constexpr float kScales[] = {0.7f, 0x1p-40f, 3.9f, 0x1p40f};
constexpr float kProductScales[] = {0x1p-15f, 0x1p-30f, 0.5f, 0x1p20f};
constexpr InPlace kInPlace[] = {InPlace::none, InPlace::first, InPlace::second};

struct AffineShape {
  size_t m, dim;
  float scale;
  bool adds;
};

Case affine(const AffineShape& shape, Values values, CaseMemory& memory) {
  const size_t count = shape.m * shape.dim;
  Case c{};
  c.kernel = Case::Kernel::affine;
  c.values = values;
  c.seed = static_cast<uint32_t>(shape.dim * 8 + shape.m);
  Source source(c.seed, values);
  memory.begin();
  const int16_t* const src = memory.integers<int16_t>(source, count, -32768, 32767);
  const float* const scales = memory.reals(source, shape.dim, -shape.scale, shape.scale);
  const float* const shifts = memory.reals(source, shape.dim, -900.5f, 900.5f);
  const int16_t* const addend =
      shape.adds ? memory.integers<int16_t>(source, count, -32768, 32767) : nullptr;
  c.affine = {src, shape.m, shape.dim, scales, shifts, addend, nullptr};
  c.bytes = count * 2;
  return c;
}

void affines(size_t m, size_t dim, Values values, CaseMemory& memory, CaseVisitor visit) {
  for (const float scale : kScales)
    for (const InPlace in_place : kInPlace) {
      Case sum = affine({m, dim, scale, true}, values, memory);
      sum.in_place = in_place;
      visit(sum);
      if (in_place == InPlace::second) continue;
      Case alone = affine({m, dim, scale, false}, values, memory);
      alone.in_place = in_place;
      visit(alone);
    }
}

// Halves round to even: the shifts are what is left of x and halves.
void halves(CaseMemory& memory, CaseVisitor visit) {
  constexpr size_t kCount = 64;
  memory.begin();
  Case c{};
  c.kernel = Case::Kernel::affine;
  int16_t* const src = memory.get<int16_t>(kCount);
  float* const ones = memory.get<float>(kCount);
  float* const shifts = memory.get<float>(kCount);
  for (size_t i = 0; i < kCount; ++i) {
    src[i] = static_cast<int16_t>(i < kCount / 2 ? 32750 : -32750);
    ones[i] = 1.0f;
    shifts[i] = static_cast<float>(i % (kCount / 2)) - (i < kCount / 2 ? 0.5f : 31.5f);
  }
  c.affine = {src, 1, kCount, ones, shifts, nullptr, nullptr};
  c.bytes = kCount * 2;
  visit(c);
}

Case multiply(size_t count, float scale, Values values, CaseMemory& memory) {
  Case c{};
  c.kernel = Case::Kernel::multiply;
  c.values = values;
  c.seed = static_cast<uint32_t>(count);
  Source source(c.seed, values);
  memory.begin();
  const int16_t* const a = memory.integers<int16_t>(source, count, -32768, 32767);
  const int16_t* const b = memory.integers<int16_t>(source, count, -32768, 32767);
  c.multiply = {a, b, count, scale, nullptr};
  c.bytes = count * 2;
  return c;
}

void multiplies(size_t count, Values values, CaseMemory& memory, CaseVisitor visit) {
  for (const float scale : kProductScales)
    for (const InPlace in_place : kInPlace) {
      Case c = multiply(count, scale, values, memory);
      c.in_place = in_place;
      visit(c);
    }
}

// CaiT's talking heads and a gate.
void layers(CaseMemory& memory, CaseVisitor visit) {
  constexpr size_t kRows = 24, kDim = 192;
  Case sum = affine({kRows, kDim, 0.7f, true}, Values::random, memory);
  sum.name = "192";
  visit(sum);
  Case gate = multiply(kRows * kDim, 0x1p-15f, Values::random, memory);
  gate.name = "192";
  visit(gate);
}

// Every int16 with every number of fraction bits: GELU is a function of one number, so all inputs
// can be tried.
void gelus(size_t m, size_t columns, CaseMemory& memory, CaseVisitor visit) {
  for (uint32_t bits = 6; bits <= 13; ++bits)
    for (int32_t first = -32768; first < 32768; first += static_cast<int32_t>(columns)) {
      memory.begin();
      Case c{};
      c.kernel = Case::Kernel::linear;
      int8_t* const weights = memory.get<int8_t>(columns * 4);
      memset(weights, 0, columns * 4);
      int8_t* const src = memory.get<int8_t>(m * 4);
      memset(src, 0, m * 4);
      int32_t* const sums = memory.get<int32_t>(columns);
      float* const ones = memory.get<float>(columns);
      float* const bias = memory.get<float>(columns);
      for (size_t i = 0; i < columns; ++i) {
        sums[i] = 0;
        ones[i] = 1.0f;
        bias[i] = static_cast<float>(first + static_cast<int32_t>(i));
      }
      RowParams* const rows = memory.get<RowParams>(m);
      for (size_t i = 0; i < m; ++i) rows[i] = {1.0f, 0};
      LinearArgs& args = c.linear;
      args.src = src;
      args.src_rows = rows;
      args.m = m;
      args.k = 4;
      args.n = columns;
      args.weights = weights;
      args.scale = ones;
      args.bias = bias;
      args.weight_sum = sums;
      args.output = LinearOutput::gelu;
      args.fraction_bits = static_cast<uint8_t>(bits);
      args.dst_stride = columns;
      c.bytes = m * columns * 2;
      visit(c);
    }
}

}  // namespace

// Every int16 with every number of fraction bits, and numbers of values that vectors do not divide.
void visit_silu(CaseMemory& memory, CaseVisitor visit) {
  for (uint32_t bits = 6; bits <= 11; ++bits)
    for (const size_t count : kSiluCounts) {
      memory.begin();
      Case c{};
      c.kernel = Case::Kernel::silu;
      int16_t* const values = memory.get<int16_t>(count);
      for (size_t i = 0; i < count; ++i)
        values[i] = static_cast<int16_t>(count == 65536 ? static_cast<int32_t>(i) - 32768
                                                        : static_cast<int32_t>(i * 397) - 9000);
      c.silu = {values, count, static_cast<uint8_t>(bits)};
      c.bytes = count * 2;
      visit(c);
    }
}

void visit_gelu(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::models) return;
  const bool frozen = list == List::frozen;
  // Rows may be computed in fours, and the rest differently.
  gelus(frozen ? 1 : 5, frozen ? 8192 : 16384, memory, visit);
}

void visit_elementwise(List list, CaseMemory& memory, CaseVisitor visit) {
  if (list == List::models) return layers(memory, visit);
  if (list != List::large) return;
  halves(memory, visit);
  for (const Values values : kAllValues)
    for (const size_t dim : kDims) {
      affines(1, dim, values, memory, visit);
      affines(3, dim, values, memory, visit);
      multiplies(dim, values, memory, visit);
    }
}

}  // namespace vitro
