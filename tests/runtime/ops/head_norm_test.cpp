// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "runtime/core/session.h"
#include "tests/runtime/aliasing.h"
#include "tests/runtime/bounds.h"
#include "tests/runtime/hostile.h"
#include "tests/runtime/op_values.h"
#include "tests/support/run_program.h"

namespace vitro::head_norm_test {
namespace {

using schema::Format;
using schema::ProgramT;

constexpr uint32_t kRows = 42, kHeadDim = 12, kHeads = 3, kCols = kHeads * kHeadDim;

/// Gains that saturate, that give less than a step, none, and usual ones.
std::vector<float> gains(size_t cols) {
  std::vector<float> gain(cols);
  for (size_t c = 0; c < cols; ++c)
    gain[c] = c == 3 ? 0x1p40f : c == 8 ? 0x1p-40f : c == 10 ? 0 : c % 5 == 4 ? -90.5f : 211.25f;
  return gain;
}

uint32_t cols_of(const Ints& x) { return static_cast<uint32_t>(x.size() / kRows); }

HandMade normalised(const Ints& x, Format format, uint32_t groups, float epsilon = 1) {
  HandMade made(4, 4);
  schema::HeadNormT args;
  const uint32_t cols = cols_of(x);
  args.src = made.rows(x, cols);
  args.head_dim = kHeadDim;
  args.epsilon = epsilon;
  const std::vector<float> gain = gains(cols);
  args.channels = made.constant(gain.data(), gain.size() * sizeof(float));
  made.step(kRows, 5);
  args.dst = made.tensor(format, kRows, cols, groups);
  if (format == Format::Keys) made.program.tensors[args.dst]->heads = cols / kHeadDim;
  made.op(args);
  const uint32_t out = made.tensor(Format::F32, kRows, 1);
  schema::QuantiseRowsT quantise;
  quantise.src = args.src, quantise.dst = made.scratch(Format::RowS8, cols), quantise.unit = 1;
  made.op(quantise);
  made.linear(quantise.dst, out, std::vector<int8_t>(cols, 1), 1);
  made.output("out", schema::OutputKind::Features, out);
  return made;
}

schema::HeadNormT& norm_of(ProgramT& p) { return *p.steps[1]->ops[0]->args.AsHeadNorm(); }

// Each float operation rounds once: what is computed in double has enough digits for that.
float single(double x) { return static_cast<float>(x); }

int8_t by_hand(const Ints& x, size_t row, size_t column, float epsilon) {
  const size_t cols = cols_of(x), first = row * cols + column / kHeadDim * kHeadDim;
  int64_t squares = 0;
  for (size_t c = 0; c < kHeadDim; ++c) squares += int64_t{x[first + c]} * x[first + c];
  const float v = single(double(single(double(squares >> 24))) * 16777216.0 +
                         double(single(double(squares & 0xffffff)))),
              root = single(std::sqrt(double(single(double(v) + double(epsilon))))),
              r = single(1.0 / double(root)),
              y = single(double(single(double(x[row * cols + column]) * double(r))) *
                         double(gains(cols)[column]));
  return static_cast<int8_t>(
      std::nearbyint(std::min(std::max(static_cast<double>(y), -127.0), 127.0)));
}

// Where element (token, column) of packed keys lies, in the words of the schema.
size_t place_in_keys(size_t heads, uint32_t groups, size_t row, size_t column) {
  const size_t tokens = kRows / groups, group = row / tokens, token = row % tokens,
               head = column / kHeadDim, d = column % kHeadDim, blocks = (tokens + 15) / 16;
  return ((((group * heads + head) * blocks + token / 16) * (kHeadDim / 4) + d / 4) * 16 +
          token % 16) *
             4 +
         d % 4;
}

void expect_law(const Ints& x, Format format, uint32_t groups, float epsilon) {
  HandMade made = normalised(x, format, groups, epsilon);
  const AlignedBytes file = made.finish();
  const vitro_program program = open_program(file);
  for (const size_t threads : {1, 2, 3}) {
    vitro_config config{};
    config.threads = threads;
    config.parallel_for = threads > 1 ? backwards : nullptr;
    AlignedBytes arena(vitro_arena_bytes(&program, threads));
    vitro_session* session = nullptr;
    ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
    vitro_run(session);
    const auto* values = reinterpret_cast<const int8_t*>(
        session->planned + made.program.tensors[norm_of(made.program).dst]->offset);
    const size_t cols = cols_of(x), heads = cols / kHeadDim;
    for (size_t r = 0; r < kRows; ++r)
      for (size_t c = 0; c < cols; ++c)
        ASSERT_EQ(
            values[format == Format::Keys ? place_in_keys(heads, groups, r, c) : r * cols + c],
            by_hand(x, r, c, epsilon))
            << r << " " << c << ", " << groups << " groups, " << threads << " threads";
  }
}

Ints rows_of_all_kinds(size_t cols = kCols) {
  Ints x = int16_numbers(7, kRows * cols);
  for (size_t c = 0; c < cols; ++c) {
    x[c] = 0;  // of no direction
    x[cols + c] = INT16_MIN;
    x[2 * cols + c] = static_cast<int16_t>(c % kHeadDim == 1);  // the shortest
    x[3 * cols + c] = static_cast<int16_t>(c % kHeadDim == 3 ? -20000 : 0);
  }
  return x;
}

TEST(HeadNorm, GivesQueries) {
  for (const float epsilon : {0x1p-60f, 1.0f, 1e8f, 0x1p60f})
    expect_law(rows_of_all_kinds(), Format::S8, 1, epsilon);
}

TEST(HeadNorm, GivesKeys) {
  for (const uint32_t groups : {1u, 2u, 3u, 21u})
    expect_law(rows_of_all_kinds(), Format::Keys, groups, 0x1p-40f);
  // More heads than are normalised at once.
  expect_law(rows_of_all_kinds(size_t{44} * kHeadDim), Format::Keys, 2, 0x1p-40f);
}

Base sound(Format format = Format::S8) {
  return Base([format] {
    return unpack(
        normalised(int16_numbers(7, kRows * kCols), format, 2 - (format == Format::S8)).finish());
  });
}

void gain_of(ProgramT& p, float gain) { set_float(p, norm_of(p).channels + 4 * (kCols - 1), gain); }

TEST(HeadNorm, Bounds) {
  expect_floats(
      "epsilon", {0x1p-60f, 0x1p60f}, [](ProgramT& p, float x) { norm_of(p).epsilon = x; },
      sound());
  expect_floats("gain", {0x1p-40f, 0x1p40f, true, true}, gain_of, sound());
  const std::function<void(ProgramT&, uint32_t)> head_dim = [](ProgramT& p, uint32_t columns) {
    norm_of(p).head_dim = columns;
  };
  expect_bound<uint32_t>("the narrowest head", head_dim, 1, 0, sound());
  expect_bound<uint32_t>("the widest head", head_dim, kCols, kCols + 1, sound());
  expect_bound<uint32_t>("heads of keys", head_dim, kHeadDim, kHeadDim / 3, sound(Format::Keys));
  const std::function<void(ProgramT&, uint32_t)> wide = [](ProgramT& p, uint32_t columns) {
    schema::HeadNormT& norm = norm_of(p);
    norm.src = add_tensor(p, Format::S16, schema::Storage::Constant, kRows, 2 * columns,
                          add_zeros(p, size_t{kRows} * 2 * columns * sizeof(int16_t)));
    norm.dst = add_tensor(p, Format::S8, schema::Storage::Arena, kRows, 2 * columns, 1 << 20);
    norm.channels = add_zeros(p, 2 * columns * sizeof(float));
    norm.head_dim = columns;
    p.steps[1]->scratch_offset = 1 << 21;
  };
  expect_bound<uint32_t>("a head as wide as attention takes", wide, 512, 513, sound());
  expect_bound<size_t>(
      "bytes of the gains",
      [](ProgramT& p, size_t bytes) { norm_of(p).channels = add_zeros(p, bytes); },
      kCols * sizeof(float), (kCols - 1) * sizeof(float), sound());
}

constexpr char kKeys[] = "head_norm into keys in scratch or of other heads";

const OwnHostileCases kHostile{{
    {"head_norm into another format than int8 or keys", "values",
     [](ProgramT& p) {
       norm_of(p).dst =
           add_tensor(p, Format::Values, schema::Storage::Arena, kRows, kCols, uint64_t{1} << 20);
       p.steps[1]->scratch_offset = 1 << 21;
     },
     sound()},
    {"head_norm into another format than int8 or keys", "int16",
     [](ProgramT& p) {
       norm_of(p).dst =
           add_tensor(p, Format::S16, schema::Storage::Arena, kRows, kCols, uint64_t{1} << 20);
       p.steps[1]->scratch_offset = 1 << 21;
     },
     sound()},
    {"an operand of another shape or format than the op takes", "less columns",
     [](ProgramT& p) { p.tensors[norm_of(p).dst]->cols = kCols - 4; }, sound()},
    {"head_norm of heads of an impossible size", "no columns",
     [](ProgramT& p) { norm_of(p).head_dim = 0; }, sound()},
    {"head_norm of heads of an impossible size", "part of a head left over",
     [](ProgramT& p) { norm_of(p).head_dim = 8; }, sound()},
    {"head_norm of heads of an impossible size", "more than there are",
     [](ProgramT& p) { norm_of(p).head_dim = 0x80000000u; }, sound()},
    {kKeys, "other heads", [](ProgramT& p) { norm_of(p).head_dim = kCols; }, sound(Format::Keys)},
    {"head_norm into keys of heads that are no fours", "heads of 6",
     [](ProgramT& p) {
       norm_of(p).head_dim = 6;
       p.tensors[norm_of(p).dst]->heads = 6;
     },
     sound(Format::Keys)},
    {kKeys, "scratch",
     [](ProgramT& p) {
       schema::TensorT& keys = *p.tensors[norm_of(p).dst];
       keys.storage = schema::Storage::Scratch, keys.offset = 1 << 12;
       keys.rows = p.steps[1]->tile_rows, keys.groups = 1;
       p.steps[1]->scratch_bytes = 1 << 14;
     },
     sound(Format::Keys)},
    {"a number out of range", "gain", [](ProgramT& p) { gain_of(p, NAN); }, sound()},
    {"constants outside the file", "gains",
     [](ProgramT& p) { norm_of(p).channels = uint64_t{1} << 40; }, sound()},
    {"an operand of the wrong format", "the picture", [](ProgramT& p) { norm_of(p).src = p.input; },
     sound()},
}};

AliasedOp aliased(const char* name, Format format) {
  return {name,
          {{"src", Format::S16}},
          {"dst", format},
          [](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
            const std::vector<float> gain(kAliasedCols, 300);
            schema::HeadNormT args;
            args.src = sources[0], args.dst = destination, args.head_dim = kAliasedCols;
            args.epsilon = 1;
            args.channels = made.constant(gain.data(), gain.size() * sizeof(float));
            made.op(args);
          }};
}

const OwnAliasing kQueries{aliased("head_norm", Format::S8)},
    kPackedKeys{aliased("head_norm, keys", Format::Keys)};

}  // namespace
}  // namespace vitro::head_norm_test
