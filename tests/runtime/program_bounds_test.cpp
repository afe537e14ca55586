// SPDX-License-Identifier: Apache-2.0
// The bounds of a program's tables, tensors, steps and enums, and of the arguments of a session.
#include <cmath>

#include "tests/runtime/bounds.h"
#include "tests/support/guarded_memory.h"
#include "tests/support/run_program.h"

namespace vitro {
namespace {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

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
      [](ProgramT& p, uint32_t x) { add_tensor(p, Format::S8, Storage::Arena, 1, x, 0x3ffffffc); },
      4, 5);
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
      "scratch_offset", [=](ProgramT& p, uint64_t x) { last(p).scratch_offset = x; }, 1 << 30,
      (1 << 30) + 64);
  expect_bound<uint64_t>(
      "scratch_bytes", [=](ProgramT& p, uint64_t x) { last(p).scratch_bytes = x; }, 1 << 26,
      (1 << 26) + 64);
}

TEST(Bounds, Counts) {
  const auto expect = [](const char* what, const std::function<void(ProgramT&, size_t)>& set,
                         size_t most) {
    expect_bound<size_t>(what, set, most, most + 1, Small::shallow, VITRO_UNSUPPORTED);
  };
  const auto repeat = [](ProgramT& p, size_t ops) {  // adds copies of constants
    auto& copies = step(p, "prefix").ops;
    while (copies.size() < ops) copies.push_back(std::make_unique<schema::OpT>(*copies[0]));
  };
  expect("ops of a step", repeat, 64);
  expect(
      "ops",
      [=](ProgramT& p, size_t ops) {
        repeat(p, 16);
        for (const auto& s : p.steps) ops -= s->ops.size();
        while (ops > 0) {
          p.steps.insert(p.steps.begin(), std::make_unique<schema::StepT>(step(p, "prefix")));
          p.steps[0]->name = "";
          auto& copies = p.steps[0]->ops;
          if (copies.size() > ops)
            copies.erase(copies.begin() + static_cast<ptrdiff_t>(ops), copies.end());
          ops -= copies.size();
        }
      },
      4096);
  expect(
      "steps of one op",
      [](ProgramT& p, size_t steps) {
        schema::StepT& least = step(p, "prefix");
        size_t ops = 0;
        for (const auto& s : p.steps) ops += s->ops.size();
        const size_t others = ops - p.steps.size();  // ops beyond the first of each step
        while (p.steps.size() + others < steps)
          p.steps.insert(p.steps.begin(), std::make_unique<schema::StepT>(least));
      },
      4096);
  expect(
      "tensors",
      [](ProgramT& p, size_t tensors) {
        while (p.tensors.size() < tensors) add_tensor(p, Format::S8, Storage::Arena, 1, 4, 0);
      },
      16384);
  expect(
      "golden vectors",
      [](ProgramT& p, size_t vectors) {
        while (p.golden.size() < vectors)
          p.golden.push_back(std::make_unique<schema::GoldenT>(*p.golden[0]));
      },
      64);
  const auto add_output = [](ProgramT& p, const std::string& name) {
    p.outputs.push_back(std::make_unique<schema::OutputT>());
    p.outputs.back()->name = name;
    p.outputs.back()->tensor = p.output;
    if (p.outputs.size() > 1) p.outputs.back()->kind = schema::OutputKind::Features;
    for (auto& golden : p.golden) golden->digests.assign(p.outputs.size() - 1, 0);
  };
  expect(
      "outputs",
      [=](ProgramT& p, size_t outputs) {
        while (p.outputs.size() < outputs) add_output(p, std::to_string(p.outputs.size()));
      },
      256);
  expect_bound<size_t>(
      "bytes of an output's name",
      [=](ProgramT& p, size_t bytes) { add_output(p, std::string(bytes, 'x')); }, 255, 256);
}

// The verifier reads at most four times the file's size from constants.
TEST(Bounds, SharedConstants) {
  ProgramT made = unpack(small_program(Small::shallow));
  const size_t cols = 1 << 16;
  const uint64_t zeros = add_zeros(made, cols * sizeof(float));
  size_t tensors = 0;
  for (vitro_status status = VITRO_OK; status == VITRO_OK; ++tensors) {
    ASSERT_LT(tensors, 16u);
    add_tensor(made, Format::F32, Storage::Constant, 1, cols, zeros);
    const AlignedBytes file = pack(made);
    vitro_program program;
    status = vitro_open(file.data(), file.size(), &program);
    if (status == VITRO_OK) {
      EXPECT_LE((tensors + 1) * cols * sizeof(float), 4 * file.size());
      continue;
    }
    EXPECT_EQ(status, VITRO_UNSUPPORTED);
    EXPECT_STREQ(program.fault, "more to verify than this runtime takes");
    EXPECT_GT((tensors + 1) * cols * sizeof(float), 4 * file.size() - file.size() / 2);
  }
  EXPECT_GT(tensors, 4u);
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
        op(p, kFc1).AsLinear()->fraction_bits = 10;  // that all of them take
      },
      static_cast<int>(schema::Activation::MAX));
}

TEST(Bounds, Threads) {
  const AlignedBytes& file = small_program(Small::shallow);
  vitro_program program;
  ASSERT_EQ(vitro_open(file.data(), file.size(), &program), VITRO_OK);
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
