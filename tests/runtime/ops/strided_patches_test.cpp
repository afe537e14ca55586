// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "runtime/core/session.h"
#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/support/run_program.h"

namespace vitro::strided_patches_test {
namespace {

using schema::Format;
using schema::ProgramT;

struct Sizes {
  uint32_t height, width, patch, stride, rows;
};

HandMade patches(const Sizes& s) {
  HandMade made(s.height, s.width);
  schema::StridedPatchesT args;
  args.src = made.program.input, args.patch = s.patch, args.stride = s.stride;
  made.step(s.rows, 5);
  const uint32_t cols = (s.patch * s.patch * 3 + 3) / 4 * 4;
  args.dst = made.tensor(Format::RowS8, s.rows, cols);
  made.op(args);
  const uint32_t out = made.tensor(Format::F32, s.rows, 1);
  made.linear(args.dst, out, std::vector<int8_t>(cols, 1), 1);
  made.output("out", schema::OutputKind::Features, out);
  return made;
}

schema::StridedPatchesT& patches_of(ProgramT& p) {
  return *p.steps[0]->ops[0]->args.AsStridedPatches();
}

TEST(StridedPatches, CutsWhatFits) {
  for (const Sizes& s : {Sizes{16, 16, 4, 3, 25}, Sizes{10, 17, 4, 3, 15}, Sizes{9, 8, 5, 1, 20},
                         Sizes{12, 12, 3, 5, 4}, Sizes{8, 6, 6, 9, 1}}) {
    HandMade made = patches(s);
    const AlignedBytes file = made.finish();
    const vitro_program program = open_program(file);
    AlignedBytes arena(vitro_arena_bytes(&program, 1));
    vitro_session* session = nullptr;
    ASSERT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
    size_t bytes = 0;
    uint8_t* const pixels = vitro_input(session, &bytes);
    ASSERT_EQ(bytes, size_t{s.height} * s.width * 3);
    for (size_t i = 0; i < bytes; ++i) pixels[i] = static_cast<uint8_t>(i * 37 + i / 251);
    vitro_run(session);
    const schema::TensorT& t = *made.program.tensors[patches_of(made.program).dst];
    const auto* got = reinterpret_cast<const int8_t*>(session->planned + t.offset);
    const uint32_t across = (s.width - s.patch) / s.stride + 1, line = s.patch * 3;
    for (uint32_t r = 0; r < s.rows; ++r)
      for (uint32_t c = 0; c < t.cols; ++c) {
        const uint32_t y = r / across * s.stride + c / line,
                       x = r % across * s.stride * 3 + c % line;
        const int want = c < s.patch * line ? pixels[y * s.width * 3 + x] - 128 : -128;
        ASSERT_EQ(got[r * t.cols + c], want) << s.patch << " " << s.stride << " " << r << " " << c;
      }
  }
}

Base sound() {
  return Base([] { return unpack(patches({10, 17, 4, 3, 15}).finish()); });
}

constexpr char kSize[] = "a patch that is larger than the picture, or strides of nothing",
               kRows[] = "strided_patches over the wrong number of rows";

TEST(StridedPatches, Bounds) {
  const std::function<void(ProgramT&, uint32_t)> stride = [](ProgramT& p, uint32_t pixels) {
    patches_of(p).stride = pixels;
  };
  expect_bound<uint32_t>("stride", stride, 3, 4, sound());
  expect_bound<uint32_t>("stride", stride, 3, 2, sound());
  const auto fault = [](const Sizes& s) {
    HandMade made = patches(s);
    return fault_of(made);
  };
  EXPECT_EQ(fault({8, 12, 8, 4, 2}), "");
  EXPECT_EQ(fault({8, 12, 9, 4, 1}), kSize);
  EXPECT_EQ(fault({12, 8, 8, 4, 2}), "");
  EXPECT_EQ(fault({12, 8, 9, 4, 1}), kSize);
  EXPECT_EQ(fault({8, 8, 8, 1u << 31, 1}), "");
}

const OwnHostileCases kHostile{{
    {kSize, "no pixels", [](ProgramT& p) { patches_of(p).patch = 0; }, sound()},
    {kSize, "higher than the picture", [](ProgramT& p) { patches_of(p).patch = 11; }, sound()},
    {kSize, "wider too", [](ProgramT& p) { patches_of(p).patch = 0x80000000u; }, sound()},
    {kSize, "no stride", [](ProgramT& p) { patches_of(p).stride = 0; }, sound()},
    {kRows, "stride", [](ProgramT& p) { patches_of(p).stride = 5; }, sound()},
    {kRows, "patch", [](ProgramT& p) { patches_of(p).patch = 8; }, sound()},
    {"an operand of another shape or format than the op takes", "less columns",
     [](ProgramT& p) { p.tensors[patches_of(p).dst]->cols = 44; }, sound()},
    {"an operand of the wrong format", "rows",
     [](ProgramT& p) { patches_of(p).src = patches_of(p).dst; }, sound()},
    {"a destination with the wrong number of rows", "one less",
     [](ProgramT& p) { p.tensors[patches_of(p).dst]->rows = 14; }, sound()},
}};

const OwnAliasing kAliasing{
    {"strided_patches",
     {{"picture", Format::U8, 2 * 4, kAliasedRows / 2 * 4 * 3, true}},
     {"dst", Format::RowS8, kAliasedRows, 48},
     [](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
       schema::StridedPatchesT args;
       args.src = sources[0], args.dst = destination, args.patch = args.stride = 4;
       made.op(args);
     }}};

}  // namespace
}  // namespace vitro::strided_patches_test
