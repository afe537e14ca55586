// SPDX-License-Identifier: Apache-2.0
// The bounds of an op's fields: numbers, constants, and where its operands and workspace lie.
#include <cmath>
#include <cstring>

#include "runtime/kernels/kernels.h"
#include "tests/runtime/bounds.h"

namespace vitro {
namespace {

using schema::ProgramT;

// The scale and the bias of the first of 256 channels.
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
  const std::function<void(ProgramT&, int)> set_silu = [&](ProgramT& p, int bits) {
    set(p, bits);
    op(p, kFc1).AsLinear()->activation = schema::Activation::Silu;
  };
  expect_bound<int>("lowest of SiLU", set_silu, 6, 5);
  expect_bound<int>("highest of SiLU", set_silu, 11, 12);
}

// Where an operand may lie; offsets are multiples of four bytes.
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
  // Enlarges the scratch, to have room after everything else for the workspace, and after that for
  // the destination.
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
  // Queries that an op of the same step writes to the scratch.
  const auto queries = [](ProgramT& p, uint64_t at) {
    schema::StaticQuantiseT quantise;
    quantise.src = index_of(p, "tokens");
    quantise.dst = add_tensor(p, schema::Format::S8, schema::Storage::Scratch, 17, 64, at);
    quantise.scale = 1;
    schema::StepT& s = step(p, kAttend);
    op(p, kAttend).AsAttention()->q = quantise.dst;
    s.ops.insert(s.ops.begin(), std::make_unique<schema::OpT>());
    s.ops[0]->args.Set(quantise);
  };
  expect_bound<uint64_t>(
      "source behind it",
      [=](ProgramT& p, uint64_t by) {
        const uint64_t at = widen(p);
        op(p, kAttend).AsAttention()->workspace = at;
        queries(p, at + by);
      },
      kBytes, kBytes - 4);
  expect_bound<uint64_t>(
      "source before it",
      [=](ProgramT& p, uint64_t by) {
        const uint64_t at = widen(p);
        op(p, kAttend).AsAttention()->workspace = at + 8192;
        queries(p, at + 8192 - 17 * 64 + by);
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
        tensor(p, "blocks.0.attn.v").offset =
            1 << 17;  // more heads need more padding, so it moves to free memory
        step(p, kNorm).scratch_offset = step(p, kAttend).scratch_offset = 1 << 18;
        op(p, kAttend).AsAttention()->score_scale.assign(heads, 1.0f);
      },
      16, 32);
}

}  // namespace
}  // namespace vitro
