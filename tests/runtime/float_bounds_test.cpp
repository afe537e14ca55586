// SPDX-License-Identifier: Apache-2.0
// Every float of a program that a kernel, an op or the preparation of a picture can read: at the
// ends of its range in the law, and beyond them.

#include "tests/runtime/bounds.h"

namespace vitro {
namespace {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

constexpr Floats kScale{0x1p-40f, 0x1p40f}, kChannel{0x1p-40f, 0x1p40f, true, true},
    kEpsilon{0x1p-60f, 0x1p60f};

TEST(FloatBounds, OfTheProgram) {
  expect_floats("residual_scale", kScale, [](ProgramT& p, float x) { p.residual_scale = x; });
  for (size_t c = 0; c < 3; ++c) {
    expect_floats("mean", {0x1p-20f, 0x1p20f, true, true},
                  [c](ProgramT& p, float x) { p.preprocessing->mean[c] = x; });
    expect_floats("std", {0x1p-20f, 0x1p20f},
                  [c](ProgramT& p, float x) { p.preprocessing->std[c] = x; });
  }
  expect_floats("rescale", {0x1p-20f, 0x1p20f, true},
                [](ProgramT& p, float x) { p.preprocessing->rescale = x; });
  expect_floats("scale of a tensor", {0x1p-40f, 0x1p40f, true, false}, [](ProgramT& p, float x) {
    p.tensors[add_tensor(p, Format::S16, Storage::Arena, 2, 4, 0)]->scale = x;
  });
}

TEST(FloatBounds, OfOps) {
  expect_floats("epsilon", kEpsilon,
                [](ProgramT& p, float x) { op(p, kNorm).AsLayerNorm()->epsilon = x; });
  expect_floats("unit", kScale, [](ProgramT& p, float x) {
    op(p, "blocks.0.mlp.gelu.quantise").AsQuantiseRows()->unit = x;
  });
  // For a head of 64 columns: 64 times the scale may be 65535 at most; the quotient is exact.
  expect_floats("score_scale", {0x1p-40f, 65535.0f / 64},
                [](ProgramT& p, float x) { op(p, kAttend).AsAttention()->score_scale[0] = x; });
  expect_floats(
      "reciprocal", {0x1p-40f, 1},
      [](ProgramT& p, float x) { op(p, "pool").AsMeanRows()->reciprocal = x; }, Small::mean_pooled);
}

TEST(FloatBounds, OfStaticOps) {
  const Small model = Small::static_scales;
  expect_floats(
      "epsilon", kEpsilon, [](ProgramT& p, float x) { op(p, kNorm).AsStaticNorm()->epsilon = x; },
      model);
  expect_floats(
      "static_norm", {0x1p-40f, 0x1p15f},
      [](ProgramT& p, float x) { op(p, kNorm).AsStaticNorm()->scale = x; }, model);
  expect_floats(
      "static_quantise", {0x1p-40f, 0x1p6f},
      [](ProgramT& p, float x) {
        op(p, "blocks.0.attn.attention.quantise").AsStaticQuantise()->scale = x;
      },
      model);
  expect_floats(
      "static_add", {0x1p-40f, 0x1p14f},
      [](ProgramT& p, float x) { op(p, "blocks.0.mlp.fc2.add").AsStaticAdd()->scale = x; }, model);
}

TEST(FloatBounds, OfMixingOps) {
  expect_floats(
      "epsilon", kEpsilon, [](ProgramT& p, float x) { op(p, kNorm).AsNorm()->epsilon = x; },
      Small::mlp_mixer);
  for (const unsigned at :
       {0u, 23u, 24u, 47u}) {  // first and last of gamma and beta, or of scale and shift
    expect_floats(
        "columns of norm", kChannel,
        [at](ProgramT& p, float x) { set_float(p, op(p, kNorm).AsNorm()->channels + at * 4, x); },
        Small::mlp_mixer);
    expect_floats(
        "columns of affine", kChannel,
        [at](ProgramT& p, float x) {
          set_float(p, op(p, "blocks.0.mixing.residual").AsAffine()->channels + at * 4, x);
        },
        Small::mlp_mixer);
  }
}

// The linear has five channels; the other eleven are padding, which kernels read too.
TEST(FloatBounds, OfLinears) {
  for (const unsigned channel : {0u, 4u, 5u, 15u, 16u, 31u})  // scales, then biases
    expect_floats("channels", kChannel, [channel](ProgramT& p, float x) {
      set_float(p, op(p, "head").AsLinear()->channels + channel * 4, x);
    });
}

TEST(FloatBounds, OfConstantAddends) {
  for (const unsigned at : {0u, 4u})
    expect_floats("addend", kChannel, [at](ProgramT& p, float x) {
      const uint64_t zeros = add_zeros(p, 20);
      op(p, "head").AsLinear()->addend =
          static_cast<int32_t>(add_tensor(p, Format::F32, Storage::Constant, 1, 5, zeros));
      set_float(p, zeros + at * 4, x);
    });
  expect_floats("constants that no op reads", kChannel, [](ProgramT& p, float x) {
    const uint64_t zeros = add_zeros(p, 20);
    add_tensor(p, Format::F32, Storage::Constant, 5, 1, zeros);
    set_float(p, zeros + 16, x);
  });
}

}  // namespace
}  // namespace vitro
