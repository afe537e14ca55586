// SPDX-License-Identifier: Apache-2.0
// Each bound of the verifier from both sides: the last value that it lets through and the first
// that it refuses, so that a bound cannot move by one. hostile_test has the faults far from their
// bounds, limits_test the largest shapes.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/hostile.h"
#include "tests/support/guarded_memory.h"
#include "tests/support/run_program.h"

namespace vitro {
namespace {

using schema::Format;
using schema::ProgramT;
using schema::Storage;
using Change = std::function<void(ProgramT& program)>;

const char *const kNorm = "blocks.0.norm1", *const kAttend = "blocks.0.attn.attention",
                  *const kFc1 = "blocks.0.mlp.fc1";

vitro_status status_of(const AlignedBytes& file, vitro_program& program) {
  return vitro_open(file.data(), file.size(), &program);
}

// What is let through runs, and every kernel variant gives the same bits.
void expect_sound(Small model, const Change& change) {
  ProgramT changed = unpack(small_program(model));
  change(changed);
  const AlignedBytes file = pack(changed);
  vitro_program program;
  ASSERT_EQ(status_of(file, program), VITRO_OK) << (program.fault ? program.fault : "");
  if (vitro_arena_bytes(&program, 1) > 64 << 20) return;
  RunOptions options;
  options.isa = "reference";
  const RunResult expected = run_program(program, options);
  ASSERT_EQ(expected.fault, "");
  for (size_t i = 0; vitro_isa_name(i); ++i) {
    options.isa = vitro_isa_name(i);
    const RunResult result = run_program(program, options);
    EXPECT_EQ(result.fault, "") << options.isa;
    EXPECT_EQ(result.logits, expected.logits) << options.isa;
  }
}

void expect_refused(Small model, const Change& change, vitro_status status = VITRO_CORRUPT) {
  ProgramT changed = unpack(small_program(model));
  change(changed);
  const AlignedBytes file = pack(changed);
  vitro_program program;
  EXPECT_EQ(status_of(file, program), status) << (program.fault ? program.fault : "");
}

// `set` with the last value that is let through, then with the first that is not.
template <class Value>
void expect_bound(const char* what, const std::function<void(ProgramT&, Value)>& set, Value good,
                  Value bad, Small model = Small::shallow, vitro_status status = VITRO_CORRUPT) {
  SCOPED_TRACE(what);
  expect_sound(model, [&](ProgramT& p) { set(p, good); });
  expect_refused(
      model, [&](ProgramT& p) { set(p, bad); }, status);
}

using SetFloat = std::function<void(ProgramT&, float)>;

float below(float x) { return std::nextafterf(x, 0); }
float above(float x) { return std::nextafterf(x, INFINITY); }

// Magnitudes in [2^-exponent, 2^(exponent + 1)).
void expect_exponents(const char* what, int exponent, const SetFloat& set,
                      Small model = Small::shallow) {
  const float lowest = std::ldexp(1.0f, -exponent), beyond = std::ldexp(1.0f, exponent + 1);
  expect_bound<float>(what, set, lowest, below(lowest), model);
  expect_bound<float>(what, set, below(beyond), beyond, model);
}

// (0, highest], and no less than 2^-40.
void expect_scale(const char* what, float highest, const SetFloat& set, Small model) {
  expect_bound<float>(what, set, highest, above(highest), model);
  expect_bound<float>(what, set, 0x1p-40f, below(0x1p-40f), model);
}

void set_float(ProgramT& p, uint64_t at, float value) {
  std::memcpy(p.constants.data() + at, &value, sizeof value);
}

TEST(Bounds, FloatsOfTheProgram) {
  expect_exponents("residual_scale", 40, [](ProgramT& p, float x) { p.residual_scale = x; });
  for (size_t c = 0; c < 3; ++c) {
    expect_exponents("mean", 20, [c](ProgramT& p, float x) { p.preprocessing->mean[c] = x; });
    expect_exponents("minus mean", 20,
                     [c](ProgramT& p, float x) { p.preprocessing->mean[c] = -x; });
    expect_exponents("std", 20, [c](ProgramT& p, float x) { p.preprocessing->std[c] = x; });
  }
  expect_exponents("rescale", 20, [](ProgramT& p, float x) { p.preprocessing->rescale = x; });
}

TEST(Bounds, FloatsOfOps) {
  expect_exponents("epsilon", 60,
                   [](ProgramT& p, float x) { op(p, kNorm).AsLayerNorm()->epsilon = x; });
  expect_exponents("unit", 40, [](ProgramT& p, float x) {
    op(p, "blocks.0.mlp.gelu.quantise").AsQuantiseRows()->unit = x;
  });
  for (const unsigned channel : {0u, 15u, 16u, 31u})  // scales, then biases, of 16 channels
    for (const float sign : {1.0f, -1.0f})
      expect_exponents("channels", 40, [=](ProgramT& p, float x) {
        set_float(p, op(p, "head").AsLinear()->channels + channel * 4, sign * x);
      });
  const float largest = 65535.0f / 64;  // for heads of 64 columns: the product is exact
  expect_bound<float>(
      "score_scale", [](ProgramT& p, float x) { op(p, kAttend).AsAttention()->score_scale[0] = x; },
      largest, above(largest));
  expect_bound<float>(
      "score_scale", [](ProgramT& p, float x) { op(p, kAttend).AsAttention()->score_scale[0] = x; },
      0x1p-40f, below(0x1p-40f));
  expect_bound<float>(
      "reciprocal", [](ProgramT& p, float x) { op(p, "pool").AsMeanRows()->reciprocal = x; }, 1.0f,
      above(1.0f), Small::mean_pooled);
}

TEST(Bounds, FloatsOfStaticOps) {
  const Small model = Small::static_scales;
  expect_exponents(
      "epsilon", 60, [](ProgramT& p, float x) { op(p, kNorm).AsStaticNorm()->epsilon = x; }, model);
  expect_scale(
      "static_norm", 0x1p15f, [](ProgramT& p, float x) { op(p, kNorm).AsStaticNorm()->scale = x; },
      model);
  expect_scale(
      "static_quantise", 0x1p6f,
      [](ProgramT& p, float x) {
        op(p, "blocks.0.attn.attention.quantise").AsStaticQuantise()->scale = x;
      },
      model);
  expect_scale(
      "static_add", 0x1p14f,
      [](ProgramT& p, float x) { op(p, "blocks.0.mlp.fc2.add").AsStaticAdd()->scale = x; }, model);
}

// Scale and bias of the first of 256 channels.
struct Exactness {
  float scale, bias;
};

void set_exactness(ProgramT& p, Exactness e) {
  const uint64_t channels = op(p, kFc1).AsLinear()->channels;
  set_float(p, channels, e.scale);
  set_float(p, channels + 256 * 4, e.bias);
}

TEST(Bounds, ExactnessOfStaticLinears) {
  const auto expect = [](const char* what, Exactness good, Exactness bad) {
    expect_bound<Exactness>(what, set_exactness, good, bad, Small::static_scales);
    expect_bound<Exactness>(what, set_exactness, {good.scale, -good.bias}, {bad.scale, -bad.bias},
                            Small::static_scales);
  };
  expect("one unit", {0x1p-16f, 0}, {0x1p-17f, 0});
  expect("scale", {128, 0}, {above(128), 0});
  expect("a whole number of units", {0x3p-16f, 0}, {0x3.8p-16f, 0});
  expect("a whole number of scales", {0x3p-16f, 0x6p-16f}, {0x3p-16f, 0x7p-16f});
  expect("24 bits", {0x1p-16f, 128}, {0x1p-16f, 128 + 0x1p-16f});
  expect("24 bits of even units", {0x6p-16f, 384}, {0x6p-16f, 384 + 0x6p-16f});
  expect("bias", {128, 16384}, {128, 16384 + 128});
}

TEST(Bounds, Weights) {
  for (const size_t at : {0, 1023})
    expect_bound<int>(
        "weight",
        [at](ProgramT& p, int value) {
          const schema::LinearT& head = *op(p, "head").AsLinear();
          uint8_t& weight = p.constants[head.weights + at];
          int32_t sum;
          uint8_t* sum_at = p.constants.data() + head.channels + 128 + at % 64 / 4 * 4;
          std::memcpy(&sum, sum_at, 4);
          sum += value - static_cast<int8_t>(weight);
          std::memcpy(sum_at, &sum, 4);
          weight = static_cast<uint8_t>(value);
        },
        -127, -128);
}

TEST(Bounds, FractionBits) {
  const std::function<void(ProgramT&, int)> set = [](ProgramT& p, int bits) {
    op(p, kFc1).AsLinear()->fraction_bits = static_cast<uint8_t>(bits);
  };
  expect_bound<int>("lowest", set, 6, 5);
  expect_bound<int>("highest", set, 13, 14);
}

// A tensor that no op uses.
TEST(Bounds, Tensors) {
  expect_bound<uint32_t>(
      "rows", [](ProgramT& p, uint32_t x) { add_tensor(p, Format::S8, Storage::Arena, x, 1, 0); },
      (1 << 24) - 1, 1 << 24);
  expect_bound<uint32_t>(
      "cols", [](ProgramT& p, uint32_t x) { add_tensor(p, Format::S8, Storage::Arena, 1, x, 0); },
      (1 << 24) - 1, 1 << 24);
  expect_bound<uint32_t>(
      "end",
      [](ProgramT& p, uint32_t x) { add_tensor(p, Format::S8, Storage::Arena, 1, x, 0x7ffffffc); },
      3, 4);
  expect_bound<uint64_t>(
      "offset", [](ProgramT& p, uint64_t x) { add_tensor(p, Format::S8, Storage::Arena, 1, 4, x); },
      4, 5);
  expect_bound<uint32_t>(
      "heads",
      [](ProgramT& p, uint32_t x) {
        p.tensors[add_tensor(p, Format::Keys, Storage::Arena, 1, 12, 0)]->heads = x;
      },
      12, 13);
  for (const Format format : {Format::Keys, Format::Values})
    expect_bound<uint32_t>(
        "groups",
        [format](ProgramT& p, uint32_t x) {
          p.tensors[add_tensor(p, format, Storage::Arena, 12, 4, 0)]->groups = x;
        },
        12, 13);
  expect_bound<uint32_t>(
      "groups of what is not packed",
      [](ProgramT& p, uint32_t x) {
        p.tensors[add_tensor(p, Format::S8, Storage::Arena, 12, 4, 0)]->groups = x;
      },
      1, 2);
  expect_exponents("scale", 40, [](ProgramT& p, float x) {
    p.tensors[add_tensor(p, Format::S16, Storage::Arena, 2, 4, 0)]->scale = x;
  });
  expect_bound<float>(
      "scale of what is not S16",
      [](ProgramT& p, float x) {
        p.tensors[add_tensor(p, Format::F32, Storage::Arena, 2, 4, 0)]->scale = x;
      },
      0, 1);
  expect_bound<uint32_t>(
      "end of the constants",
      [](ProgramT& p, uint32_t x) {
        const uint64_t zeros = add_zeros(p, 7);
        add_tensor(p, Format::S8, Storage::Constant, 1, x, zeros);
      },
      7, 8);
}

TEST(Bounds, Steps) {
  expect_bound<uint32_t>(
      "tile_rows", [](ProgramT& p, uint32_t x) { step(p, "prefix").tile_rows = x; }, (1 << 24) - 1,
      1 << 24);
  expect_bound<uint32_t>(
      "tile_rows", [](ProgramT& p, uint32_t x) { step(p, "prefix").tile_rows = x; }, 1, 0);
  const auto last = [](ProgramT& p) -> schema::StepT& { return *p.steps.back(); };
  expect_bound<uint64_t>(
      "scratch_offset", [=](ProgramT& p, uint64_t x) { last(p).scratch_offset = x; }, 0x7fffffc0,
      0x80000000);
  expect_bound<uint64_t>(
      "scratch_bytes", [=](ProgramT& p, uint64_t x) { last(p).scratch_bytes = x; }, 0x7fffffc0,
      0x80000000);
  const auto count = [](const ProgramT& p) {
    size_t ops = 0;
    for (const auto& s : p.steps) ops += s->ops.size();
    return ops;
  };
  expect_bound<size_t>(
      "ops",
      [=](ProgramT& p, size_t ops) {
        auto& copies = step(p, "prefix").ops;
        while (count(p) < ops) copies.push_back(std::make_unique<schema::OpT>(*copies[0]));
      },
      4096, 4097, Small::shallow, VITRO_UNSUPPORTED);
}

// Where an operand may lie: four bytes are the step of offsets.
TEST(Bounds, Operands) {
  expect_bound<uint64_t>(
      "arena, before the scratch",
      [](ProgramT& p, uint64_t end) { overwrite_before(p, "norm", end - 128); }, 1 << 20,
      (1 << 20) + 4);
  expect_bound<uint64_t>(
      "scratch",
      [](ProgramT& p, uint64_t beyond) {
        schema::TensorT& norm = tensor(p, "norm");  // a row of 64 bytes and its parameters
        step(p, "norm").scratch_bytes = 128;
        norm.offset = 128 - 72 + beyond;
      },
      0, 4);
}

TEST(Bounds, Workspace) {
  // Room behind everything else for the workspace, and behind that for the destination.
  const auto widen = [](ProgramT& p) {
    schema::StepT& s = step(p, kAttend);
    const uint64_t end = s.scratch_bytes;
    s.scratch_bytes += 1 << 15;
    return end;
  };
  constexpr uint64_t kBytes = attention_workspace_bytes(17);
  expect_bound<uint64_t>(
      "end of the scratch",
      [=](ProgramT& p, uint64_t beyond) {
        widen(p);
        op(p, kAttend).AsAttention()->workspace = step(p, kAttend).scratch_bytes - kBytes + beyond;
      },
      0, 64);
  expect_bound<uint64_t>(
      "multiple of 64",
      [=](ProgramT& p, uint64_t by) { op(p, kAttend).AsAttention()->workspace = widen(p) + by; },
      64, 60);
  const auto destination = [](ProgramT& p) -> schema::TensorT& {
    return *p.tensors[op(p, kAttend).AsAttention()->dst];
  };
  expect_bound<uint64_t>(
      "destination behind it",
      [=](ProgramT& p, uint64_t by) {
        op(p, kAttend).AsAttention()->workspace = widen(p);
        destination(p).offset = op(p, kAttend).AsAttention()->workspace + by;
      },
      kBytes, kBytes - 4);
  expect_bound<uint64_t>(
      "destination before it",
      [=](ProgramT& p, uint64_t by) {
        const uint64_t at = widen(p), bytes = uint64_t{destination(p).rows} * 64 * 2;
        op(p, kAttend).AsAttention()->workspace = at + 8192;
        destination(p).offset = at + 8192 - bytes + by;
      },
      0, 4);
}

TEST(Bounds, Constants) {
  expect_bound<size_t>(
      "weights",
      [](ProgramT& p, size_t bytes) {
        schema::LinearT& head = *op(p, "head").AsLinear();
        head.channels = add_zeros(p, 16 * 12);
        head.weights = add_zeros(p, bytes);
      },
      16 * 64, 16 * 64 - 1);
  expect_bound<size_t>(
      "channels",
      [](ProgramT& p, size_t bytes) {
        schema::LinearT& head = *op(p, "head").AsLinear();
        head.weights = add_zeros(p, 16 * 64);
        head.channels = add_zeros(p, bytes);
      },
      16 * 12, 16 * 12 - 1);
  expect_bound<size_t>(
      "table",
      [](ProgramT& p, size_t bytes) {
        op(p, "blocks.0.mlp.gelu").AsLookup()->table = add_zeros(p, bytes);
      },
      256, 255, Small::static_scales);
  expect_bound<uint64_t>(
      "weights at a multiple of 64",
      [](ProgramT& p, uint64_t by) {
        schema::LinearT& head = *op(p, "head").AsLinear();
        head.channels = add_zeros(p, 16 * 12);
        head.weights = add_zeros(p, 16 * 64 + 64) + by;
      },
      64, 32);
  expect_bound<uint64_t>(
      "channels at a multiple of 4",
      [](ProgramT& p, uint64_t by) {
        schema::LinearT& head = *op(p, "head").AsLinear();
        head.weights = add_zeros(p, 16 * 64);
        head.channels = add_zeros(p, 16 * 12 + 64) + by;
      },
      4, 2);
}

TEST(Bounds, ColumnsOfAHeadAreFours) {
  expect_bound<uint32_t>(
      "heads",
      [](ProgramT& p, uint32_t heads) {
        tensor(p, "blocks.0.attn.k").heads = tensor(p, "blocks.0.attn.v").heads = heads;
        tensor(p, "blocks.0.attn.v").offset = 1 << 17;  // its panels are fuller of nothing
        step(p, kNorm).scratch_offset = step(p, kAttend).scratch_offset = 1 << 18;
        op(p, kAttend).AsAttention()->score_scale.assign(heads, 1.0f);
      },
      16, 32);
}

TEST(Bounds, Preprocessing) {
  using schema::ResizeMode;
  const auto resize = [](ResizeMode mode, size_t shorter, size_t width, size_t height) {
    return [=](ProgramT& p, uint32_t side) {
      p.preprocessing->mode = mode;
      p.preprocessing->resize = shorter ? side : 0;
      p.preprocessing->resize_width = width ? side : 0;
      p.preprocessing->resize_height = height ? side : 0;
    };
  };
  const uint32_t good = (1 << 24) - 1, bad = 1 << 24;
  for (const bool largest : {true, false}) {
    const uint32_t last = largest ? good : 1, first = largest ? bad : 0;
    expect_bound<uint32_t>("shorter side", resize(ResizeMode::ShorterSide, 1, 0, 0), last, first);
    expect_bound<uint32_t>("longer side", resize(ResizeMode::LongerSide, 0, 1, 1), last, first);
    expect_bound<uint32_t>("exact", resize(ResizeMode::Exact, 0, 1, 1), last, first);
    expect_bound<uint32_t>("cover", resize(ResizeMode::Cover, 0, 1, 1), last, first);
  }
  for (const size_t wrong : {2, 4}) {
    expect_bound<size_t>(
        "fill", [](ProgramT& p, size_t n) { p.preprocessing->fill.assign(n, 7); }, 3, wrong);
    expect_bound<size_t>(
        "mean", [](ProgramT& p, size_t n) { p.preprocessing->mean.assign(n, 0.5f); }, 3, wrong);
    expect_bound<size_t>(
        "std", [](ProgramT& p, size_t n) { p.preprocessing->std.assign(n, 0.5f); }, 3, wrong);
  }
}

TEST(Bounds, Lengths) {
  for (const size_t wrong : {4, 6}) {
    expect_bound<size_t>(
        "labels", [](ProgramT& p, size_t n) { p.labels.assign(n, "x"); }, 5, wrong);
    expect_bound<size_t>(
        "golden", [](ProgramT& p, size_t n) { p.golden[1]->logits.assign(n, 1.0f); }, 5, wrong);
  }
  for (const size_t wrong : {0, 2})
    expect_bound<size_t>(
        "score_scale",
        [](ProgramT& p, size_t n) { op(p, kAttend).AsAttention()->score_scale.assign(n, 1.0f); }, 1,
        wrong);
}

TEST(Bounds, EnumsOfThisVersion) {
  const auto expect = [](const char* what, const std::function<void(ProgramT&, int)>& set,
                         int last) {
    expect_bound<int>(what, set, last, last + 1, Small::shallow, VITRO_UNSUPPORTED);
  };
  expect(
      "version", [](ProgramT& p, int x) { p.version = static_cast<uint32_t>(x); }, 2);
  expect(
      "format",
      [](ProgramT& p, int x) { add_tensor(p, static_cast<Format>(x), Storage::Arena, 4, 4, 0); },
      static_cast<int>(Format::MAX));
  expect(
      "storage",
      [](ProgramT& p, int x) { add_tensor(p, Format::S8, static_cast<Storage>(x), 4, 4, 0); },
      static_cast<int>(Storage::MAX));
  expect(
      "filter",
      [](ProgramT& p, int x) { p.preprocessing->filter = static_cast<schema::Filter>(x); }, 5);
  expect(
      "mode",
      [](ProgramT& p, int x) {
        p.preprocessing->mode = static_cast<schema::ResizeMode>(x);
        p.preprocessing->resize = 0;
        p.preprocessing->resize_width = p.preprocessing->resize_height = 32;
      },
      4);
  expect(
      "centring",
      [](ProgramT& p, int x) { p.preprocessing->centring = static_cast<schema::Centring>(x); }, 1);
  expect(
      "orientation",
      [](ProgramT& p, int x) {
        p.preprocessing->orientation = static_cast<schema::Orientation>(x);
      },
      1);
  expect(
      "passes",
      [](ProgramT& p, int x) { p.preprocessing->passes = static_cast<schema::PassOrder>(x); }, 1);
  expect(
      "activation",
      [](ProgramT& p, int x) {
        op(p, kFc1).AsLinear()->activation = static_cast<schema::Activation>(x);
      },
      static_cast<int>(schema::Activation::MAX));
}

TEST(Bounds, Threads) {
  const AlignedBytes& file = small_program(Small::shallow);
  vitro_program program;
  ASSERT_EQ(status_of(file, program), VITRO_OK);
  const size_t bytes = vitro_arena_bytes(&program, 1024);
  EXPECT_GT(bytes, vitro_arena_bytes(&program, 1023));
  EXPECT_EQ(vitro_arena_bytes(&program, 1025), 0u);
  GuardedMemory arena((bytes + 63) / 64 * 64);
  vitro_config config{};
  config.parallel_for = backwards;
  vitro_session* session = nullptr;
  config.threads = 1024;
  EXPECT_EQ(vitro_bind(&program, &config, arena.data(), bytes, &session), VITRO_OK);
  EXPECT_EQ(vitro_bind(&program, &config, arena.data(), bytes - 1, &session),
            VITRO_ARENA_TOO_SMALL);
  config.threads = 1025;
  EXPECT_EQ(vitro_bind(&program, &config, arena.data(), bytes, &session), VITRO_BAD_ARGUMENT);
}

}  // namespace
}  // namespace vitro
