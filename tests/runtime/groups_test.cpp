// SPDX-License-Identifier: Apache-2.0
// Attention within groups: it gives the same bytes as each group alone, wherever tiles begin and
// end.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/hand_made.h"
#include "tests/support/run_program.h"

namespace vitro {
namespace {

using schema::Format;

constexpr uint32_t kCols = 24, kHeads = 2;

struct Shape {
  uint32_t groups, queries, tokens;
};

template <class T>
std::vector<T> random_values(uint32_t seed, size_t count, int lowest, int highest) {
  std::mt19937 random(seed);
  std::vector<T> values(count);
  for (T& v : values)
    v = static_cast<T>(lowest +
                       static_cast<int>(random() % static_cast<unsigned>(highest - lowest + 1)));
  return values;
}

std::vector<int8_t> weights_of(uint32_t seed) {
  return random_values<int8_t>(seed, kCols * kCols, -127, 127);
}

// The rows of one group; `values` has `rows` rows for each group.
std::vector<int16_t> group_of(const std::vector<int16_t>& values, uint32_t rows, uint32_t group) {
  const auto begin = values.begin() + static_cast<ptrdiff_t>(size_t{group} * rows * kCols);
  return {begin, begin + static_cast<ptrdiff_t>(size_t{rows} * kCols)};
}

// Makes int8 rows of `x` for one tile: row-quantised or static.
uint32_t bytes_of(HandMade& made, uint32_t x, bool is_static) {
  const uint32_t dst = made.scratch(is_static ? Format::S8 : Format::RowS8, kCols);
  if (is_static) {
    schema::StaticQuantiseT args;
    args.src = x, args.dst = dst, args.scale = 0x1p-4f, args.zero_point = 3;
    made.op(args);
  } else {
    schema::LayerNormT args;
    args.src = x, args.dst = dst, args.epsilon = 1;
    made.op(args);
  }
  return dst;
}

// A program that makes q from the queries x, and k and v from the tokens y; then attention, then
// floats.
AlignedBytes attention_program(const Shape& shape, const std::vector<int16_t>& x,
                               const std::vector<int16_t>& y, uint32_t tile_rows, bool is_static) {
  HandMade made(4, 4);
  const uint32_t queries = shape.groups * shape.queries, tokens = shape.groups * shape.tokens;
  const uint32_t x_rows = made.rows(x, kCols), y_rows = made.rows(y, kCols);
  schema::AttentionT attention;
  attention.q = made.tensor(Format::S8, queries, kCols);
  attention.k = made.tensor(Format::Keys, tokens, kCols, shape.groups);
  attention.v = made.tensor(Format::Values, tokens, kCols, shape.groups);
  for (const uint32_t t : {attention.k, attention.v}) made.program.tensors[t]->heads = kHeads;
  // Linears with static scales are exact where the scales are powers of two.
  const float scale = is_static ? 0x1p-9f : 0x1p-6f;
  const int8_t zero_point = 3;
  made.step(queries, tile_rows);
  made.linear(bytes_of(made, x_rows, is_static), attention.q, weights_of(1), scale, zero_point);
  made.step(tokens, tile_rows);
  const uint32_t bytes = bytes_of(made, y_rows, is_static);
  made.linear(bytes, attention.k, weights_of(2), scale, zero_point);
  made.linear(bytes, attention.v, weights_of(3), scale, zero_point);
  made.step(queries, tile_rows);
  attention.dst = made.scratch(Format::S16, kCols);
  attention.score_scale = {2.0f, 0.5f};
  attention.workspace = made.workspace(attention_workspace_bytes(shape.tokens));
  made.op(attention);
  schema::QuantiseRowsT quantise;
  quantise.src = attention.dst, quantise.dst = made.scratch(Format::RowS8, kCols);
  quantise.unit = 1;
  made.op(quantise);
  const uint32_t out = made.tensor(Format::F32, queries, kCols);
  made.linear(quantise.dst, out, weights_of(4), 1);
  made.output("rows", schema::OutputKind::Features, out);
  return made.finish();
}

std::vector<uint8_t> run(const AlignedBytes& file, const RunOptions& options) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  const RunResult result = run_program(program, options);
  EXPECT_EQ(result.fault, "");
  return result.logits;
}

class GroupShapes : public testing::TestWithParam<std::tuple<Shape, bool>> {};

TEST_P(GroupShapes, AreEachAlone) {
  const auto& [shape, is_static] = GetParam();
  const auto x = random_values<int16_t>(5, shape.groups * shape.queries * kCols, -2000, 2000);
  const auto y = random_values<int16_t>(6, shape.groups * shape.tokens * kCols, -2000, 2000);
  RunOptions options;
  options.isa = "reference";
  std::vector<uint8_t> expected;
  for (uint32_t g = 0; g < shape.groups; ++g) {
    const AlignedBytes alone =
        attention_program({1, shape.queries, shape.tokens}, group_of(x, shape.queries, g),
                          group_of(y, shape.tokens, g), shape.tokens + shape.queries, is_static);
    const std::vector<uint8_t> rows = run(alone, options);
    expected.insert(expected.end(), rows.begin(), rows.end());
  }
  std::vector<uint8_t> first_rows(expected.begin(),
                                  expected.begin() + static_cast<ptrdiff_t>(kCols * 4));
  const auto second = expected.begin() + static_cast<ptrdiff_t>(shape.queries * kCols * 4);
  EXPECT_TRUE(std::search(second, expected.end(), first_rows.begin(), first_rows.end()) ==
              expected.end())
      << "groups that cannot be told apart";
  for (const uint32_t tile_rows : {1u, 7u, 48u, 200u}) {
    const AlignedBytes file = attention_program(shape, x, y, tile_rows, is_static);
    for (size_t i = 0; vitro_isa_name(i); ++i)
      for (const size_t threads : {1, 3}) {
        options.isa = vitro_isa_name(i);
        options.threads = threads;
        options.arena_byte = 0x5a;
        EXPECT_EQ(run(file, options), expected)
            << "tiles of " << tile_rows << ", " << threads << " threads, " << options.isa;
      }
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, GroupShapes,
                         testing::Combine(testing::Values(Shape{1, 5, 9}, Shape{4, 9, 9},
                                                          Shape{3, 1, 17}, Shape{2, 60, 33},
                                                          Shape{5, 7, 1}, Shape{40, 2, 3}),
                                          testing::Bool()));

// The test's own static linears. The runtime packs their outputs group by group.
struct OwnLinears {
  const schema::Program& program;
  std::vector<int8_t> memory;
  size_t packed = 0;

  static const int8_t* compute(void* context, const vitro_linear_call* call) {
    return static_cast<OwnLinears*>(context)->run(*call);
  }

  const int8_t* run(const vitro_linear_call& call) {
    const auto& linear = *program.steps()
                              ->Get(static_cast<unsigned>(call.step))
                              ->ops()
                              ->Get(static_cast<unsigned>(call.op))
                              ->args_as_Linear();
    const uint8_t* constants = program.constants()->Data();
    const auto* weights = reinterpret_cast<const int8_t*>(constants + linear.weights());
    const auto* scale = reinterpret_cast<const float*>(constants + linear.channels());
    packed += !call.dst;
    memory.resize(call.rows * kCols);
    int8_t* dst = call.dst ? call.dst : memory.data();
    for (size_t r = 0; r < call.rows; ++r)
      for (size_t c = 0; c < kCols; ++c) {
        int32_t sum = 0;
        for (size_t i = 0; i < kCols; ++i)
          sum += (call.src[r * kCols + i] - linear.zero_point()) *
                 weights[c / 16 * 16 * kCols + i / 4 * 64 + c % 16 * 4 + i % 4];
        dst[r * kCols + c] = static_cast<int8_t>(
            std::nearbyint(std::clamp(static_cast<float>(sum) * scale[c], -127.0f, 127.0f)));
      }
    return dst;
  }
};

// Nine keys of 24 columns, and values of this shape and of others.
std::string fault_with_values(uint32_t tokens, uint32_t cols) {
  HandMade made(4, 4);
  const auto of_rows = [&](uint32_t rows) {
    return made.rows(std::vector<int16_t>(size_t{rows} * kCols, 100), kCols);
  };
  schema::AttentionT attention;
  const uint32_t x = of_rows(9), y = of_rows(tokens);
  attention.q = made.tensor(Format::S8, 9, kCols);
  attention.k = made.tensor(Format::Keys, 9, kCols);
  attention.v = made.tensor(Format::Values, tokens, cols);
  made.step(9, 9);
  const uint32_t bytes = bytes_of(made, x, false);
  made.linear(bytes, attention.q, weights_of(1), 1);
  made.linear(bytes, attention.k, weights_of(2), 1);
  made.step(tokens, tokens);
  made.linear(bytes_of(made, y, false), attention.v, std::vector<int8_t>(size_t{cols} * kCols), 1);
  made.step(9, 9);
  attention.dst = made.scratch(Format::S16, kCols);
  attention.score_scale = {1.0f};
  attention.workspace = made.workspace(attention_workspace_bytes(9));
  made.op(attention);
  schema::QuantiseRowsT quantise;
  quantise.src = attention.dst, quantise.dst = made.scratch(Format::RowS8, kCols);
  quantise.unit = 1;
  made.op(quantise);
  const uint32_t out = made.tensor(Format::F32, 9, 1);
  made.linear(quantise.dst, out, std::vector<int8_t>(kCols), 1);
  made.output("out", schema::OutputKind::Features, out);
  try {
    made.finish();
  } catch (const std::runtime_error& refused) {
    return refused.what();
  }
  return "";
}

TEST(Groups, ValuesHaveTheShapeOfTheKeys) {
  const char* const kShape = "an operand of another shape or format than the op takes";
  EXPECT_EQ(fault_with_values(9, kCols), "");
  for (const uint32_t tokens : {8u, 10u}) EXPECT_EQ(fault_with_values(tokens, kCols), kShape);
  for (const uint32_t cols : {20u, 28u}) EXPECT_EQ(fault_with_values(9, cols), kShape);
}

TEST(Groups, OfLinearsComputedElsewhere) {
  const Shape shape{4, 3, 9};
  const AlignedBytes file = attention_program(
      shape, random_values<int16_t>(5, shape.groups * shape.queries * kCols, -2000, 2000),
      random_values<int16_t>(6, shape.groups * shape.tokens * kCols, -2000, 2000), 7, true);
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  OwnLinears own{*schema::GetProgram(file.data()), {}};
  vitro_config config{};
  config.static_linear = OwnLinears::compute;
  config.static_linear_context = &own;
  GuardedMemory arena(vitro_arena_bytes(&program, 1));
  vitro_session* session = nullptr;
  ASSERT_EQ(vitro_bind(&program, &config, arena.data(), arena.size(), &session), VITRO_OK);
  const auto* bytes = reinterpret_cast<const uint8_t*>(vitro_run(session));
  EXPECT_EQ(std::vector<uint8_t>(bytes, bytes + shape.groups * shape.queries * kCols * 4),
            run(file, {}));
  EXPECT_EQ(own.packed, 2u * 6);  // keys and values, each of 36 rows, in tiles of 7
}

}  // namespace
}  // namespace vitro
