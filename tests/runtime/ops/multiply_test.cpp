// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"

namespace vitro {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kFactorRows = 9, kFactorCols = 12;

/// A program that multiplies `a` and `b`. The destination is a tensor of its own, or one of the
/// two.
HandMade product(const Ints& a, const Ints& b, float scale, const char* in_place = "") {
  HandMade made(4, 4);
  schema::MultiplyT args;
  args.a = made.rows(a, kFactorCols);
  args.b = made.rows(b, kFactorCols);
  args.scale = scale;
  made.step(kFactorRows, 4);
  args.dst = *in_place == 'a'   ? args.a
             : *in_place == 'b' ? args.b
                                : made.tensor(Format::S16, kFactorRows, kFactorCols);
  made.op(args);
  return made;
}

schema::MultiplyT& multiply_of(ProgramT& p) { return *p.steps[2]->ops[0]->args.AsMultiply(); }

// Each float operation rounds once; in double, all products before that are exact.
int16_t by_hand(int16_t a, int16_t b, float scale) {
  const double product = static_cast<double>(static_cast<float>(static_cast<double>(a) * b));
  const double y = static_cast<double>(static_cast<float>(product * static_cast<double>(scale)));
  return static_cast<int16_t>(std::nearbyint(std::min(std::max(y, -32768.0), 32767.0)));
}

TEST(Multiply, IsTheProduct) {
  Ints a = int16_numbers(1, kFactorRows * kFactorCols),
       b = int16_numbers(2, kFactorRows * kFactorCols);
  const Ints extremes = {INT16_MIN, INT16_MIN + 1, -4097, -3, -1, 0, 1, 3, 4097, INT16_MAX};
  for (size_t i = 0; i < extremes.size() * extremes.size(); ++i)
    a[i] = extremes[i / extremes.size()], b[i] = extremes[i % extremes.size()];
  // Scales that give halves, which are rounded to even; 2^-15, which gives 32768 and saturates; the
  // law's limits.
  for (const float scale :
       {1.0f, 0.5f, 0.25f, 0x1p-15f, 0x1.8p-16f, 0.001f, 0.33333f, 0x1p40f, 0x1p-40f}) {
    Ints want(a.size());
    for (size_t i = 0; i < a.size(); ++i) want[i] = by_hand(a[i], b[i], scale);
    for (const char* in_place : {"", "a", "b"}) {
      HandMade made = product(a, b, scale, in_place);
      EXPECT_EQ(run_op(made, made.program.steps[2]->ops[0]->args.AsMultiply()->dst), want)
          << scale << " " << in_place;
    }
  }
}

TEST(Multiply, Squares) {
  const Ints x = int16_numbers(3, kFactorRows * kFactorCols);
  HandMade made = product(x, x, 0x1p-15f);
  multiply_of(made.program).b = multiply_of(made.program).a;
  const Ints y = run_op(made, multiply_of(made.program).dst);
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(y[i], by_hand(x[i], x[i], 0x1p-15f)) << x[i];
}

Base sound() {
  return Base([] {
    HandMade made = product(int16_numbers(1, kFactorRows * kFactorCols),
                            int16_numbers(2, kFactorRows * kFactorCols), 0.5f);
    run_op(made, multiply_of(made.program).dst);
    return unpack(made.finish());
  });
}

TEST(Multiply, ScaleIsInTheLawsRange) {
  expect_floats(
      "scale", {0x1p-40f, 0x1p40f}, [](ProgramT& p, float x) { multiply_of(p).scale = x; },
      sound());
}

TEST(Multiply, WidthsAreEqual) {
  expect_bound<uint32_t>(
      "columns of b",
      [](ProgramT& p, uint32_t cols) {
        multiply_of(p).b =
            add_tensor(p, Format::S16, schema::Storage::Constant, kFactorRows, cols, 0);
      },
      kFactorCols, kFactorCols - 1, sound());
}

const OwnHostileCases kHostile{{
    {"multiply of unequal shapes", "columns of b",
     [](ProgramT& p) {
       multiply_of(p).b =
           add_tensor(p, Format::S16, schema::Storage::Constant, kFactorRows, kFactorCols - 4, 0);
     },
     sound()},
    {"multiply into another shape", "columns",
     [](ProgramT& p) { p.tensors[multiply_of(p).dst]->cols = kFactorCols - 4; }, sound()},
    {"multiply into another shape", "format",
     [](ProgramT& p) { p.tensors[multiply_of(p).dst]->format = Format::S8; }, sound()},
    {"an operand of the wrong format", "the picture as a of multiply",
     [](ProgramT& p) { multiply_of(p).a = p.input; }, sound()},
    {"an operand with the wrong number of rows", "b of multiply",
     [](ProgramT& p) {
       multiply_of(p).b = add_tensor(p, Format::S16, schema::Storage::Constant, 1, kFactorCols, 0);
     },
     sound()},
    {"a number out of range", "scale of multiply", [](ProgramT& p) { multiply_of(p).scale = NAN; },
     sound()},
}};

const OwnAliasing kAliasing{
    {"multiply",
     {{"a", Format::S16, kAliasedRows, kAliasedCols, false, true},
      {"b", Format::S16, kAliasedRows, kAliasedCols, false, true}},
     {"dst", Format::S16},
     [](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
       schema::MultiplyT args;
       args.a = sources[0], args.b = sources[1], args.dst = destination, args.scale = 0x1p-10f;
       made.op(args);
     }}};

}  // namespace
}  // namespace vitro
