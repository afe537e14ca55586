// SPDX-License-Identifier: Apache-2.0
// Places every source of every op in each of these ways relative to its destination: the same
// tensor, another tensor in the same place, an overlap of four bytes, next to it. Ops that may run
// in place are listed here, and must give the same outputs as with separate memory, with every
// kernel variant; all other overlaps must be refused.
#include <gtest/gtest.h>

#include <functional>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>

#include "runtime/core/layout.h"
#include "tests/runtime/aliasing.h"
#include "tests/support/run_program.h"

namespace vitro {
namespace {

using schema::Format;
using schema::Storage;

constexpr uint32_t kRows = kAliasedRows, kCols = kAliasedCols, kPatch = 4;

template <class T>
std::vector<T> random_values(uint32_t seed, size_t count, int bound) {
  std::mt19937 random(seed);
  std::vector<T> values(count);
  for (T& x : values) x = static_cast<T>(static_cast<int>(random() % (2 * bound + 1)) - bound);
  return values;
}

uint64_t random_floats(HandMade& made, uint32_t seed, size_t count) {
  std::vector<float> values(count);
  const auto steps = random_values<int16_t>(seed, count, 512);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(steps[i]) / 256;
  return made.constant(values.data(), count * sizeof(float));
}

void add_linear(HandMade& made, uint32_t src, uint32_t dst, int32_t addend = -1) {
  const size_t k = made.program.tensors[src]->cols, n = made.program.tensors[dst]->cols;
  made.linear(src, dst, random_values<int8_t>(9, n * k, 127), 0x1p-9f, 3);
  made.program.steps.back()->ops.back()->args.AsLinear()->addend = addend;
}

template <class Args>
Args from_to(uint32_t src, uint32_t dst, Args args = {}) {
  args.src = src, args.dst = dst;
  return args;
}

// Adds ops to the current step that fill `dst` with random numbers.
void produce(HandMade& made, uint32_t dst, uint32_t seed) {
  const Format format = made.program.tensors[dst]->format;
  const uint32_t rows = made.program.steps.back()->rows,
                 cols = format == Format::F32 ? kCols : made.program.tensors[dst]->cols;
  const uint32_t constant =
      made.constant_rows(random_values<int16_t>(seed, size_t{rows} * cols, 2000), cols);
  if (format == Format::S16) return made.op(from_to<schema::CopyT>(constant, dst));
  if (format == Format::S8) {
    auto quantise = from_to<schema::StaticQuantiseT>(constant, dst);
    quantise.scale = 0x1p-4f;
    return made.op(quantise);
  }
  const uint32_t bytes = format == Format::RowS8 ? dst : made.scratch(Format::RowS8, cols);
  auto quantise = from_to<schema::QuantiseRowsT>(constant, bytes);
  quantise.unit = 0x1p-4f;
  made.op(quantise);
  if (bytes != dst) add_linear(made, bytes, dst);
}

// Adds ops to the current step that make float outputs from `tensor`.
void consume(HandMade& made, uint32_t tensor, uint32_t keys, uint32_t values) {
  const Format format = made.program.tensors[tensor]->format;
  const uint32_t rows = made.program.steps.back()->rows, cols = made.program.tensors[tensor]->cols;
  uint32_t rest = tensor;
  if (format == Format::Keys || format == Format::Values) {
    schema::AttentionT attention;
    attention.q = made.scratch(Format::S8, cols), attention.dst = made.scratch(Format::S16, cols);
    attention.k = format == Format::Keys ? tensor : keys;
    attention.v = format == Format::Values ? tensor : values;
    attention.score_scale = {0.25f};
    attention.workspace = made.workspace(attention_workspace_bytes(kRows));
    produce(made, attention.q, 77);
    made.op(attention);
    rest = attention.dst;
  } else if (format == Format::S8) {
    auto add = from_to<schema::StaticAddT>(tensor, made.scratch(Format::S16, cols));
    add.scale = 1;
    add.addend = made.constant_rows(std::vector<int16_t>(size_t{rows} * cols, 0), cols);
    made.op(add);
    rest = add.dst;
  }
  if (made.program.tensors[rest]->format == Format::S16) {
    auto quantise = from_to<schema::QuantiseRowsT>(rest, made.scratch(Format::RowS8, cols));
    quantise.unit = 1;
    made.op(quantise);
    rest = quantise.dst;
  }
  const uint32_t out = made.tensor(Format::F32, rows, cols);
  if (format == Format::F32) {
    const uint32_t bytes = made.scratch(Format::RowS8, kCols);
    produce(made, bytes, 78);
    add_linear(made, bytes, out, static_cast<int32_t>(tensor));
  } else {
    add_linear(made, rest, out);
  }
  made.output("out", schema::OutputKind::Features, out);
}

// Where the destination lies, relative to the source.
enum class Lie { apart, same, twin, into_its_end, into_its_begin, behind, before };

uint64_t bytes_of(const HandMade& made, uint32_t tensor) {
  const schema::TensorT& t = *made.program.tensors[tensor];
  return tensor_bytes(t.format, t.rows, t.cols, t.heads);
}

// Moves two tensors of the same storage into the 16 KiB at `room`.
void lay(HandMade& made, uint32_t source, uint32_t destination, uint64_t room, Lie lie) {
  const uint64_t at = room + 8192, size = bytes_of(made, source), own = bytes_of(made, destination);
  made.program.tensors[source]->offset = at;
  made.program.tensors[destination]->offset = lie == Lie::twin             ? at
                                              : lie == Lie::into_its_end   ? at + size - 4
                                              : lie == Lie::into_its_begin ? at - own + 4
                                              : lie == Lie::behind         ? at + size
                                                                           : at - own;
}

struct Setting {
  Storage storage;  // of operands that need not be whole
  uint32_t tile_rows;
};

bool is_packed(Format format) { return format == Format::Keys || format == Format::Values; }

// Builds the program. Returns nothing where the verifier refuses it.
std::optional<AlignedBytes> build(const AliasedOp& op, const Setting& setting, size_t pair,
                                  Lie lie) {
  HandMade made(2 * kPatch, kRows / 2 * kPatch);
  const auto in_scratch = [&](const AliasedOperand& o) {
    return setting.storage == Storage::Scratch && !o.whole && !is_packed(o.format);
  };
  std::vector<uint32_t> sources(op.sources.size());
  for (size_t i = 0; i < sources.size(); ++i) {
    const AliasedOperand& o = op.sources[i];
    if (in_scratch(o)) continue;
    if (o.format == Format::U8) continue;  // the picture is tensor 0
    sources[i] = made.tensor(o.format, o.rows, o.cols);
    made.step(o.rows, setting.tile_rows);
    produce(made, sources[i], static_cast<uint32_t>(i) + 1);
  }
  const uint32_t keys = made.tensor(Format::Keys, kRows, kCols),
                 values = made.tensor(Format::Values, kRows, kCols);
  for (const uint32_t packed : {keys, values}) {
    made.step(kRows, setting.tile_rows);
    produce(made, packed, 79);
  }
  uint64_t room = made.program.tensors[made.tensor(Format::S8, 1, 16384)]->offset;

  made.step(op.destination.rows, std::min(setting.tile_rows, op.destination.rows));
  for (size_t i = 0; i < sources.size(); ++i) {
    if (!in_scratch(op.sources[i])) continue;
    sources[i] = made.scratch(op.sources[i].format, op.sources[i].cols);
    produce(made, sources[i], static_cast<uint32_t>(i) + 1);
  }
  const AliasedOperand& d = op.destination;
  const uint32_t destination = lie == Lie::same ? sources[pair]
                               : in_scratch(d)  ? made.scratch(d.format, d.cols)
                                                : made.tensor(d.format, d.rows, d.cols);
  if (lie != Lie::apart && lie != Lie::same) {
    if (in_scratch(d)) room = made.workspace(16384);
    lay(made, sources[pair], destination, room, lie);
  }
  op.add(made, sources, destination);
  if (!in_scratch(d)) made.step(d.rows, std::min(setting.tile_rows, d.rows));
  consume(made, destination, keys, values);
  try {
    return made.finish();
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

std::vector<uint8_t> run(const AlignedBytes& file, const char* isa, size_t threads) {
  vitro_program program;
  EXPECT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
  RunOptions options;
  options.isa = isa;
  options.threads = threads;
  options.arena_byte = 0x5a;
  const RunResult result = run_program(program, options);
  EXPECT_EQ(result.fault, "");
  return result.logits;
}

void expect_outputs(const std::optional<AlignedBytes>& file, const std::vector<uint8_t>& expected) {
  ASSERT_TRUE(file) << "refused";
  for (size_t i = 0; vitro_isa_name(i); ++i)
    for (const size_t threads : {1, 3})
      EXPECT_EQ(run(*file, vitro_isa_name(i), threads), expected)
          << vitro_isa_name(i) << ", " << threads << " threads";
}

template <class Args>
std::function<void(HandMade&, const std::vector<uint32_t>&, uint32_t)> row_op(Args args) {
  return [args](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
    made.op(from_to(sources[0], destination, args));
  };
}

template <class Args>
std::function<void(HandMade&, const std::vector<uint32_t>&, uint32_t)> column_op(Args args) {
  return [args](HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
    Args full = from_to(sources[0], destination, args);
    full.channels = random_floats(made, 5, 2 * kCols);
    made.op(full);
  };
}

void linear_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  add_linear(made, sources[0], destination,
             sources.size() > 1 ? static_cast<int32_t>(sources[1]) : -1);
}

void gelu_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  add_linear(made, sources[0], destination);
  schema::LinearT& linear = *made.program.steps.back()->ops.back()->args.AsLinear();
  linear.activation = schema::Activation::Gelu, linear.fraction_bits = 9;
}

void silu_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  gelu_of(made, sources, destination);
  made.program.steps.back()->ops.back()->args.AsLinear()->activation = schema::Activation::Silu;
}

void lookup_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  auto lookup = from_to<schema::LookupT>(sources[0], destination);
  const auto table = random_values<int8_t>(6, 256, 127);
  lookup.table = made.constant(table.data(), table.size());
  made.op(lookup);
}

void static_add_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  auto add = from_to<schema::StaticAddT>(sources[0], destination);
  add.addend = sources[1], add.scale = 3.25f;
  made.op(add);
}

void affine_sum_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  auto affine = from_to<schema::AffineT>(sources[0], destination);
  affine.addend = static_cast<int32_t>(sources[1]);
  affine.channels = random_floats(made, 5, 2 * kCols);
  made.op(affine);
}

void attention_of(HandMade& made, const std::vector<uint32_t>& sources, uint32_t destination) {
  schema::AttentionT attention;
  attention.q = sources[0], attention.k = sources[1], attention.v = sources[2];
  attention.dst = destination, attention.score_scale = {0.25f};
  attention.workspace = made.workspace(attention_workspace_bytes(kRows));
  made.op(attention);
}

std::vector<AliasedOp> ops() {
  const AliasedOperand s16{"src", Format::S16}, s8{"src", Format::S8}, row_s8{"src", Format::RowS8},
      f32{"src", Format::F32}, keys{"k", Format::Keys, kRows, kCols, true},
      values{"v", Format::Values, kRows, kCols, true};
  const auto in_place = [](const char* name, Format format) {
    return AliasedOperand{name, format, kRows, kCols, false, true};
  };
  const AliasedOperand patches{"dst", Format::RowS8, kRows, kPatch * kPatch * 3};
  schema::PatchRowsT patch_rows;
  patch_rows.patch = kPatch;
  schema::LayerNormT layer_norm;
  schema::NormT norm;
  schema::StaticNormT static_norm;
  layer_norm.epsilon = norm.epsilon = static_norm.epsilon = 1;
  static_norm.scale = 31;
  schema::QuantiseRowsT quantise_rows;
  quantise_rows.unit = 0.5f;
  schema::MeanRowsT mean_rows;
  mean_rows.reciprocal = 1.0f / kRows;
  schema::StaticQuantiseT static_quantise;
  static_quantise.scale = 0x1p-4f;
  const AliasedOperand whole{"src", Format::S16, kRows, kCols, true};
  return {
      {"patch_rows",
       {{"src", Format::U8, 2 * kPatch, kRows / 2 * kPatch * 3, true}},
       patches,
       row_op(patch_rows)},
      {"layer_norm", {s16}, row_s8, row_op(layer_norm)},
      {"quantise_rows", {s16}, row_s8, row_op(quantise_rows)},
      {"linear to f32", {row_s8, in_place("addend", Format::F32)}, f32, linear_of},
      {"linear to s16", {row_s8, in_place("addend", Format::S16)}, s16, linear_of},
      {"linear with gelu", {row_s8}, s16, gelu_of},
      {"linear with silu", {row_s8}, s16, silu_of},
      {"linear to s8", {row_s8}, s8, linear_of},
      {"linear to keys", {row_s8}, keys, linear_of},
      {"linear to values", {row_s8}, values, linear_of},
      {"static linear to s8", {s8}, s8, linear_of},
      {"static linear to keys", {s8}, keys, linear_of},
      {"static linear to values", {s8}, values, linear_of},
      {"attention", {s8, keys, values}, s16, attention_of},
      {"mean_rows", {whole}, {"dst", Format::S16, 1, kCols}, row_op(mean_rows)},
      {"static_norm", {s16}, s8, row_op(static_norm)},
      {"static_quantise", {s16}, s8, row_op(static_quantise)},
      {"lookup", {in_place("src", Format::S8)}, s8, lookup_of},
      {"static_add", {s8, in_place("addend", Format::S16)}, s16, static_add_of},
      {"norm", {in_place("src", Format::S16)}, s16, column_op(norm)},
      {"transpose",
       {whole},
       {"dst", Format::S16, kCols, (kRows + 3) / 4 * 4},
       row_op(schema::TransposeT())},
      {"affine", {in_place("src", Format::S16)}, s16, column_op(schema::AffineT())},
      {"affine with an addend",
       {in_place("src", Format::S16), in_place("addend", Format::S16)},
       s16,
       affine_sum_of},
  };
}

std::vector<AliasedOp>& registered_ops() {
  static std::vector<AliasedOp> ops;
  return ops;
}

std::vector<AliasedOp> all_ops() {
  std::vector<AliasedOp> all = ops();
  all.insert(all.end(), registered_ops().begin(), registered_ops().end());
  return all;
}

TEST(Aliasing, EverySourceOfEveryOp) {
  for (const AliasedOp& op : all_ops())
    for (const Setting& setting : {Setting{Storage::Arena, 7}, Setting{Storage::Arena, 24},
                                   Setting{Storage::Scratch, 7}, Setting{Storage::Scratch, 26}}) {
      SCOPED_TRACE(std::string(op.name) +
                   (setting.storage == Storage::Arena ? " in the arena" : " in the scratch") +
                   ", tiles of " + std::to_string(setting.tile_rows));
      const auto apart = build(op, setting, 0, Lie::apart);
      ASSERT_TRUE(apart);
      const std::vector<uint8_t> expected = run(*apart, "reference", 1);
      expect_outputs(apart, expected);
      for (size_t pair = 0; pair < op.sources.size(); ++pair) {
        const AliasedOperand& source = op.sources[pair];
        SCOPED_TRACE(source.name);
        const bool whole = source.whole || is_packed(op.destination.format);
        if (setting.storage == Storage::Scratch && whole) continue;  // in different memories
        if (source.in_place)
          expect_outputs(build(op, setting, pair, Lie::same), expected);
        else
          EXPECT_FALSE(build(op, setting, pair, Lie::same)) << "one tensor";
        EXPECT_FALSE(build(op, setting, pair, Lie::twin)) << "another tensor in the same place";
        EXPECT_FALSE(build(op, setting, pair, Lie::into_its_end)) << "four bytes at its end";
        EXPECT_FALSE(build(op, setting, pair, Lie::into_its_begin)) << "four bytes at its begin";
        expect_outputs(build(op, setting, pair, Lie::behind), expected);
        expect_outputs(build(op, setting, pair, Lie::before), expected);
      }
    }
}

TEST(Aliasing, EveryOpIsHere) {
  std::set<schema::OpArgs> met = {schema::OpArgs::NONE,
                                  schema::OpArgs::Copy};  // its source is a constant
  for (const AliasedOp& op : all_ops()) {
    HandMade made(2 * kPatch, kRows / 2 * kPatch);
    std::vector<uint32_t> sources;
    for (const AliasedOperand& o : op.sources)
      sources.push_back(made.tensor(o.format, o.rows, o.cols));
    const AliasedOperand& d = op.destination;
    made.step(d.rows, d.rows);
    op.add(made, sources, made.tensor(d.format, d.rows, d.cols));
    met.insert(made.program.steps[0]->ops[0]->args.type);
  }
  EXPECT_EQ(met.size(), static_cast<size_t>(schema::OpArgs::MAX) + 1);
}

}  // namespace

OwnAliasing::OwnAliasing(const AliasedOp& op) { registered_ops().push_back(op); }

}  // namespace vitro
