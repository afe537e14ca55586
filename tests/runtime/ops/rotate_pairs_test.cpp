// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/core/session.h"
#include "runtime/kernels/law.h"
#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"
#include "tests/support/run_program.h"

namespace vitro::rotate_pairs_test {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kRows = 18, kHeads = 2, kHeadDim = 12, kCols = kHeads * kHeadDim;
const std::vector<float> kScales = {0x1p-16f, 0x1.6p-20f};

/// Angles of all kinds; every seventh row is not rotated.
Ints turns(uint32_t rows = kRows, uint32_t head_dim = kHeadDim) {
  Ints out;
  for (uint32_t r = 0; r < rows; ++r)
    for (uint32_t i = 0; i < head_dim / 2; ++i) {
      const double angle = r % 7 == 0 ? 0 : r * 0.71 + i * 1.3;
      out.push_back(static_cast<int16_t>(std::nearbyint(std::cos(angle) * 16384)));
      out.push_back(static_cast<int16_t>(std::nearbyint(std::sin(angle) * 16384)));
    }
  return out;
}

struct Shape {
  Format format = Format::S8;
  uint32_t groups = 1;
  bool scratch = false;  // what is rotated
};

schema::RotatePairsT& rotation_of(ProgramT& p) { return *p.steps[1]->ops[0]->args.AsRotatePairs(); }

/// A program that rotates `x`, and gives something else.
HandMade rotation(const Ints& x, const Ints& turns, const Shape& shape = {},
                  std::vector<float> scales = kScales) {
  HandMade made(4, 4);
  schema::RotatePairsT args;
  args.src = made.rows(x, kCols);
  args.turns = made.constant(turns.data(), turns.size() * sizeof(int16_t));
  args.dst = made.tensor(shape.format, kRows, kCols, shape.groups);
  if (shape.format == Format::Keys)
    made.program.tensors[args.dst]->heads = static_cast<uint32_t>(scales.size());
  args.scale = std::move(scales);
  made.tensor(Format::S8, 16, kCols);  // room for what pads each head of the keys
  made.step(kRows, 5);
  const uint32_t x_of_all = args.src;
  made.op(std::move(args));
  made.step(kRows, 7);
  schema::QuantiseRowsT quantise;
  quantise.src = x_of_all, quantise.dst = made.scratch(Format::RowS8, kCols), quantise.unit = 1;
  made.op(quantise);
  const uint32_t floats = made.tensor(Format::F32, kRows, 1);
  made.linear(quantise.dst, floats, std::vector<int8_t>(kCols, 1), 1);
  made.output("all", schema::OutputKind::Features, floats);
  return made;
}

/// The bytes that the op writes, the same with all kernels and thread counts.
std::vector<int8_t> written(HandMade made, size_t bytes) {
  const AlignedBytes file = made.finish();
  const vitro_program program = open_program(file);
  std::vector<int8_t> first;
  for (size_t k = 0; const KernelTable* table = kernel_table(k); ++k)
    for (const size_t threads : {1, 2, 3}) {
      vitro_config config{};
      config.isa = table->isa;
      config.threads = threads;
      config.parallel_for = threads > 1 ? backwards : nullptr;
      AlignedBytes arena(vitro_arena_bytes(&program, threads));
      std::memset(arena.data(), 0,
                  arena.size());  // keys that pad the last tokens stay as they were
      vitro_session* session = nullptr;
      EXPECT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
      vitro_run(session);
      const uint32_t dst = rotation_of(made.program).dst;
      const auto* values =
          reinterpret_cast<const int8_t*>(session->planned + made.program.tensors[dst]->offset);
      const std::vector<int8_t> now(values, values + bytes);
      if (first.empty()) first = now;
      EXPECT_EQ(now, first) << table->isa << " " << threads;
    }
  return first;
}

// Sums are exact in double; then each float operation rounds once.
template <class Out>
Out rounded(double sum, float scale) {
  const double y = static_cast<double>(static_cast<float>(
      static_cast<double>(static_cast<float>(sum)) * static_cast<double>(scale)));
  const double most = std::numeric_limits<Out>::max(), least = sizeof(Out) == 1 ? -most : -most - 1;
  return static_cast<Out>(std::nearbyint(std::min(std::max(y, least), most)));
}

template <class Out = int8_t>
std::vector<Out> by_hand(const Ints& x, const Ints& turns, const std::vector<float>& scales) {
  const size_t d = kCols / scales.size();
  std::vector<Out> out(x.size());
  for (size_t r = 0; r < kRows; ++r)
    for (size_t c = 0; c < kCols; ++c) {
      const size_t h = c / d, i = c % d % (d / 2), base = r * kCols + h * d;
      const double cosine = turns[r * d + 2 * i], sine = turns[r * d + 2 * i + 1];
      const double a = x[base + i], b = x[base + d / 2 + i];
      const double sum = c % d < d / 2 ? a * cosine - b * sine : b * cosine + a * sine;
      out[r * kCols + c] = rounded<Out>(sum, scales[h]);
    }
  return out;
}

Ints numbers(uint32_t seed) {
  Ints x = int16_numbers(seed, kRows * kCols);
  const Ints extremes = {INT16_MIN, INT16_MAX, -32767, -1, 0, 1};
  for (size_t i = 0; i < extremes.size() * extremes.size(); ++i) {
    const size_t at = i / 6 * kCols + i % 6;  // a pair of head 0
    x[at] = extremes[i / 6], x[at + kHeadDim / 2] = extremes[i % 6];
  }
  return x;
}

const std::vector<std::vector<float>> kAllScales = {
    kScales, {0x1p-14f, 0x1p-15f}, {0x1p-40f, 0x1p40f}, {0.0003f}, {0x1p-13f, 1e-5f, 1e-6f}};

TEST(RotatePairs, RotatesQueries) {
  for (const std::vector<float>& scales : kAllScales) {
    const Ints x = numbers(1), t = turns(kRows, static_cast<uint32_t>(kCols / scales.size()));
    EXPECT_EQ(written(rotation(x, t, {}, scales), x.size()), by_hand(x, t, scales))
        << scales.size() << " " << scales[0];
  }
}

TEST(RotatePairs, PacksKeys) {
  for (const uint32_t groups : {1u, 2u, 9u})
    for (const std::vector<float>& scales : kAllScales) {
      const uint32_t tokens = kRows / groups, d = static_cast<uint32_t>(kCols / scales.size());
      const Ints x = numbers(2), t = turns(kRows, d);
      const size_t group_bytes = (tokens + 15) / 16 * 16 * kCols;
      const std::vector<int8_t> keys =
          written(rotation(x, t, {Format::Keys, groups}, scales), groups * group_bytes);
      const std::vector<int8_t> want = by_hand(x, t, scales);
      for (uint32_t r = 0; r < kRows; ++r)
        for (uint32_t c = 0; c < kCols; ++c)
          ASSERT_EQ(keys[r / tokens * group_bytes + law::keys_offset(tokens, d, r % tokens, c)],
                    want[r * kCols + c])
              << groups << " row " << r << " column " << c;
    }
}

TEST(RotatePairs, KeepsInt16) {
  for (const std::vector<float>& scales : kAllScales) {
    const Ints x = numbers(4), t = turns(kRows, static_cast<uint32_t>(kCols / scales.size()));
    const std::vector<int8_t> bytes = written(rotation(x, t, {Format::S16}, scales), x.size() * 2);
    Ints y(x.size());
    std::memcpy(y.data(), bytes.data(), bytes.size());
    EXPECT_EQ(y, by_hand<int16_t>(x, t, scales)) << scales.size() << " " << scales[0];
  }
}

TEST(RotatePairs, LeavesRowsOfNoAngleAlone) {
  Ints x(kRows * kCols), t;
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<int16_t>(static_cast<int>(i % 255) - 127);
  for (uint32_t i = 0; i < kRows * kHeadDim / 2; ++i) t.push_back(16384), t.push_back(0);
  const std::vector<int8_t> y = written(rotation(x, t, {}, {0x1p-14f, 0x1p-14f}), x.size());
  EXPECT_EQ(Ints(y.begin(), y.end()), x);
}

Base sound(const Shape& shape = {}) {
  return Base([shape] { return unpack(rotation(numbers(3), turns(), shape).finish()); });
}
const Shape kKeys{Format::Keys};

void set_turn(ProgramT& p, size_t at, int16_t value) {
  uint8_t* const turn = p.constants.data() + rotation_of(p).turns + at * 2;
  turn[0] = static_cast<uint8_t>(value), turn[1] = static_cast<uint8_t>(value >> 8);
}

/// Source and destination of another width, with as many heads and angles of none.
void set_cols(ProgramT& p, uint32_t cols) {
  schema::RotatePairsT& a = rotation_of(p);
  a.src = add_tensor(p, Format::S16, schema::Storage::Constant, kRows, cols, 0);
  p.tensors[a.src]->offset = add_zeros(p, size_t{kRows} * cols * 2);
  a.dst = add_tensor(p, Format::S8, schema::Storage::Arena, kRows, cols, 0);
  make_room(p, 1 << 16);
  p.tensors[a.dst]->offset = 0;
  a.turns = add_zeros(p, size_t{kRows} * cols / kHeads * 2);
}

TEST(RotatePairs, Bounds) {
  for (const size_t at : {size_t{0}, size_t{kRows * kHeadDim - 1}}) {
    const auto set = [at](ProgramT& p, int16_t value) { set_turn(p, at, value); };
    expect_bound<int16_t>("highest", set, 16384, 16385, sound());
    expect_bound<int16_t>("lowest", set, -16384, -16385, sound());
  }
  expect_bound<size_t>(
      "bytes of the table",
      [](ProgramT& p, size_t bytes) { rotation_of(p).turns = add_zeros(p, bytes); },
      kRows * kHeadDim * 2, kRows * kHeadDim * 2 - 2, sound());
  expect_bound<uint64_t>(
      "table at a multiple of 2",
      [](ProgramT& p, uint64_t by) {
        rotation_of(p).turns = add_zeros(p, kRows * kHeadDim * 2 + 4) + by;
      },
      2, 1, sound());
  for (const size_t head : {0, 1})
    expect_floats(
        "scale", {0x1p-40f, 0x1p40f},
        [head](ProgramT& p, float x) { rotation_of(p).scale[head] = x; }, sound());
}

TEST(RotatePairs, HeadsOfAttentionsWidths) {
  expect_bound<uint32_t>("a multiple of 4", set_cols, kHeads * 8, kHeads * 10, sound());
  expect_bound<uint32_t>("largest head", set_cols, kHeads * 512, kHeads * 516, sound());
}

const OwnHostileCases kHostile{{
    {"a cosine or sine beyond 1", "the last sine",
     [](ProgramT& p) { set_turn(p, kRows * kHeadDim - 1, INT16_MIN); }, sound()},
    {"constants outside the file", "turns",
     [](ProgramT& p) { rotation_of(p).turns = uint64_t{1} << 40; }, sound()},
    {"rotate_pairs does not have a scale for each head", "no scale",
     [](ProgramT& p) { rotation_of(p).scale.clear(); }, sound()},
    {"rotate_pairs does not have a scale for each head", "scales that do not divide the columns",
     [](ProgramT& p) { rotation_of(p).scale.resize(5, 1); }, sound()},
    {"rotate_pairs does not have a scale for each head", "keys of one head",
     [](ProgramT& p) { p.tensors[rotation_of(p).dst]->heads = 1; }, sound(kKeys)},
    {"rotate_pairs does not have a scale for each head", "keys of more heads",
     [](ProgramT& p) { p.tensors[rotation_of(p).dst]->heads *= 3; }, sound(kKeys)},
    {"rotated heads of an impossible size", "heads of six columns",
     [](ProgramT& p) { rotation_of(p).scale.assign(4, 1); }, sound()},
    {"rotated heads of an impossible size", "heads of 516 columns",
     [](ProgramT& p) { set_cols(p, kHeads * 516); }, sound()},
    {"rotated keys in scratch", "keys",
     [](ProgramT& p) {
       const uint32_t dst = rotation_of(p).dst;
       p.tensors[dst]->storage = schema::Storage::Scratch;
       p.tensors[dst]->rows = p.steps[1]->tile_rows;
       p.tensors[dst]->offset = 0;
       p.steps[1]->scratch_offset = 1 << 16;
       p.steps[1]->scratch_bytes = 1024;
     },
     sound(kKeys)},
    {"an operand of another shape or format than the op takes", "columns",
     [](ProgramT& p) { p.tensors[rotation_of(p).dst]->cols = kCols - 4; }, sound()},
    {"an operand of another shape or format than the op takes", "format",
     [](ProgramT& p) { p.tensors[rotation_of(p).dst]->format = Format::U8; }, sound()},
    {"an operand of the wrong format", "the picture",
     [](ProgramT& p) { rotation_of(p).src = p.input; }, sound()},
    {kNumber, "scale", [](ProgramT& p) { rotation_of(p).scale[1] = 0; }, sound()},
}};

void add_rotation(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  const Ints t = turns(kAliasedRows, kAliasedCols);
  schema::RotatePairsT args;
  args.src = sources[0], args.dst = destination, args.scale = {0x1p-16f};
  args.turns = made.constant(t.data(), t.size() * sizeof(int16_t));
  made.op(args);
}

const OwnAliasing kAliasing{
    {"rotate_pairs", {{"src", Format::S16}}, {"dst", Format::S8}, add_rotation}};
const OwnAliasing kFixedAliasing{{"rotate_pairs to int16",
                                  {{"src", Format::S16, kAliasedRows, kAliasedCols, false, false}},
                                  {"dst", Format::S16},
                                  add_rotation}};

}  // namespace
}  // namespace vitro::rotate_pairs_test
