// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstring>

#include "tests/runtime/hostile.h"

namespace vitro {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

namespace {

const std::string kConstants = "constants outside the file";

struct Adder {
  std::vector<HostileCase>& cases;
  Small model = Small::shallow;
  void operator()(const std::string& fault, const char* what,
                  std::function<void(ProgramT&)> damage) const {
    cases.push_back({fault, what, std::move(damage), model});
  }
};

void rows(std::vector<HostileCase>& cases) {
  const Adder add{cases}, pooled{cases, Small::mean_pooled}, odd{cases, Small::odd_widths};
  add("patch does not divide the picture", "patches of 5",
      [](ProgramT& p) { op(p, "pixels").AsPatchRows()->patch = 5; });
  add("patch does not divide the picture", "patches of 0",
      [](ProgramT& p) { op(p, "pixels").AsPatchRows()->patch = 0; });
  add("patch does not divide the picture", "patches of 2^31",
      [](ProgramT& p) { op(p, "pixels").AsPatchRows()->patch = 1u << 31; });
  const auto oblong = [&](const char* what, uint32_t height, uint32_t width) {
    add("patch does not divide the picture", what, [=](ProgramT& p) {
      tensor(p, "picture").rows = height, tensor(p, "picture").cols = width * 3;
      p.preprocessing->image_size = 0;
      p.preprocessing->image_height = height, p.preprocessing->image_width = width;
    });
  };
  oblong("height of 12", 12, 32);
  oblong("width of 28", 32, 28);
  add("patch_rows over the wrong number of rows", "patches of 16",
      [](ProgramT& p) { op(p, "pixels").AsPatchRows()->patch = 16; });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, "pixels").cols = 64; });
  for (const uint32_t cols : {147u, 149u, 152u})  // 148 is right
    odd("an operand of another shape or format than the op takes", "odd cols",
        [cols](ProgramT& p) { tensor(p, "pixels").cols = cols; });
  add("an operand of another shape or format than the op takes", "format",
      [](ProgramT& p) { tensor(p, "pixels").format = Format::S8; });
  add("the source of copy is not a constant", "a row of the tokens", [](ProgramT& p) {
    overwrite_before(p, "norm", 1 << 19);
    for (auto& s : p.steps)
      if (s->name.empty()) s->ops[0]->args.AsCopy()->src = index_of(p, "cls");
  });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, "tokens.prefix").cols = 32; });
  add("an operand of another shape or format than the op takes", "format",
      [](ProgramT& p) { tensor(p, "tokens.prefix").format = Format::S8; });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, kNorm).cols = 60; });
  add("an operand of another shape or format than the op takes", "format",
      [](ProgramT& p) { tensor(p, kNorm).format = Format::S8; });
  for (const float bad : {0.0f, -0.0f, -1.0f, NAN, -INFINITY}) {
    add(kNumber, "epsilon", [bad](ProgramT& p) { op(p, kNorm).AsLayerNorm()->epsilon = bad; });
    add(kNumber, "unit",
        [bad](ProgramT& p) { op(p, "blocks.0.mlp.gelu.quantise").AsQuantiseRows()->unit = bad; });
    add(kNumber, "score_scale",
        [bad](ProgramT& p) { op(p, kAttend).AsAttention()->score_scale[0] = bad; });
    pooled(kNumber, "reciprocal",
           [bad](ProgramT& p) { op(p, "pool").AsMeanRows()->reciprocal = bad; });
  }
  for (const float bad : {INFINITY, 1e-45f, 0x1p-61f, 0x1p62f}) {
    add(kNumber, "epsilon", [bad](ProgramT& p) { op(p, kNorm).AsLayerNorm()->epsilon = bad; });
    add(kNumber, "unit",
        [bad](ProgramT& p) { op(p, "blocks.0.mlp.gelu.quantise").AsQuantiseRows()->unit = bad; });
    add(kNumber, "score_scale",
        [bad](ProgramT& p) { op(p, kAttend).AsAttention()->score_scale[0] = bad; });
  }
  pooled(kNumber, "above 1", [](ProgramT& p) { op(p, "pool").AsMeanRows()->reciprocal = 1.5f; });
  pooled("an operand of another shape or format than the op takes", "cols",
         [](ProgramT& p) { tensor(p, "pool").cols = 32; });
  pooled("an operand of another shape or format than the op takes", "format",
         [](ProgramT& p) { tensor(p, "pool").format = Format::S8; });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, "blocks.0.mlp.gelu.rows").cols = 252; });
  add("an operand of another shape or format than the op takes", "format",
      [](ProgramT& p) { tensor(p, "blocks.0.mlp.gelu.rows").format = Format::S8; });
}

void linear(std::vector<HostileCase>& cases) {
  const Adder add{cases};
  constexpr char kActivation[] = "an activation with an unsupported output or fraction_bits";
  for (const Format bad : {Format::U8, Format::RowS8})
    add("a linear into a wrong format", "q", [bad](ProgramT& p) {
      tensor(p, "blocks.0.attn.q").format = bad;
      tensor(p, "blocks.0.attn.q").offset = 1 << 16;
      step(p, kNorm).scratch_offset = 1 << 17;
    });
  add("the depth of a linear is too large or not a multiple of 4", "62", [](ProgramT& p) {
    for (const char* name :
         {"tokens", "tokens.patches", "tokens.prefix", "positions", "prefix", kNorm})
      tensor(p, name).cols = 62;
    tensor(p, "tokens.patches").offset = 124;
  });
  add("keys or values in scratch, or with columns per head that are not a multiple of 4", "scratch",
      [](ProgramT& p) {
        tensor(p, "blocks.0.attn.k").storage = Storage::Scratch;
        step(p, kNorm).scratch_bytes = 1 << 14;
      });
  add("keys or values in scratch, or with columns per head that are not a multiple of 4",
      "heads of 2", [](ProgramT& p) { tensor(p, "blocks.0.attn.k").heads = 32; });
  for (const uint8_t bad : {0, 5, 14, 255})
    add(kActivation, "fraction_bits",
        [bad](ProgramT& p) { op(p, "blocks.0.mlp.fc1").AsLinear()->fraction_bits = bad; });
  add(kActivation, "to int8", [](ProgramT& p) {
    op(p, "blocks.0.attn.q").AsLinear()->activation = schema::Activation::Gelu;
    op(p, "blocks.0.attn.q").AsLinear()->fraction_bits = 10;
  });
  add(kActivation, "with an addend", [](ProgramT& p) {
    op(p, "blocks.0.mlp.fc2").AsLinear()->activation = schema::Activation::Gelu;
    op(p, "blocks.0.mlp.fc2").AsLinear()->fraction_bits = 10;
  });
  for (const uint8_t bad : {0, 5, 12, 255})
    add(kActivation, "fraction_bits of SiLU", [bad](ProgramT& p) {
      op(p, "blocks.0.mlp.fc1").AsLinear()->activation = schema::Activation::Silu;
      op(p, "blocks.0.mlp.fc1").AsLinear()->fraction_bits = bad;
    });
  for (const char* name : {"blocks.0.attn.q", "blocks.0.mlp.fc2"})
    add(kActivation, name, [name](ProgramT& p) {
      op(p, name).AsLinear()->activation = schema::Activation::Silu;
      op(p, name).AsLinear()->fraction_bits = 10;
    });
  add("an addend with an int8 output", "q", [](ProgramT& p) {
    op(p, "blocks.0.attn.q").AsLinear()->addend = static_cast<int32_t>(index_of(p, "tokens"));
  });
  add("an operand of another shape or format than the op takes", "cols", [](ProgramT& p) {
    op(p, "patch_embed").AsLinear()->addend =
        static_cast<int32_t>(add_tensor(p, Format::S16, Storage::Constant, 16, 60, 0));
  });
  for (const uint64_t bad : {uint64_t{32}, uint64_t{1} << 40, ~uint64_t{63}, ~uint64_t{3}}) {
    add(kConstants, "weights", [bad](ProgramT& p) { op(p, "head").AsLinear()->weights = bad; });
    if (bad > 32)
      add(kConstants, "channels", [bad](ProgramT& p) { op(p, "head").AsLinear()->channels = bad; });
  }
  add(kConstants, "end of the weights", [](ProgramT& p) {
    op(p, "head").AsLinear()->weights = (p.constants.size() - 960) / 64 * 64;
  });
  add(kConstants, "end of the channels", [](ProgramT& p) {
    const uint64_t zeros =
        add_zeros(p, 188);  // four bytes less than scale, bias and weight_sum of 16 channels
    op(p, "head").AsLinear()->channels = zeros;
  });
  add("a weight of -128, which no kernel supports", "first",
      [](ProgramT& p) { p.constants[op(p, "head").AsLinear()->weights] = 0x80; });
  add("a weight of -128, which no kernel supports", "padding",
      [](ProgramT& p) { p.constants[op(p, "head").AsLinear()->weights + 1023] = 0x80; });
  for (const unsigned by : {1u, 0x80000000u})
    add("weight_sum does not match the weights", "weight_sum", [by](ProgramT& p) {
      uint32_t sum;
      uint8_t* at = p.constants.data() + op(p, "head").AsLinear()->channels + 128;
      std::memcpy(&sum, at, 4);
      sum += by;
      std::memcpy(at, &sum, 4);
    });
  add("weight_sum does not match the weights", "weight", [](ProgramT& p) {
    uint8_t& weight = p.constants[op(p, "blocks.0.mlp.fc2").AsLinear()->weights + 777];
    weight = static_cast<uint8_t>(weight == 127 ? 126 : weight + 1);
  });
  for (const float bad : {NAN, INFINITY, -INFINITY, 1e-45f, 0x1p-41f, 0x1p42f})
    for (const unsigned at : {0u, 15u, 16u, 31u})
      add(kNumber, "channels", [bad, at](ProgramT& p) {
        set_float(p, op(p, "head").AsLinear()->channels + at * 4, bad);
      });
}

void attention(std::vector<HostileCase>& cases) {
  const Adder add{cases};
  add("an operand of another shape or format than the op takes", "heads of v",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.v").heads = 2; });
  // Groups of one token each, which take 16 times the bytes.
  const auto regroup = [](ProgramT& p, const std::string& block, const char* name,
                          uint64_t offset) {
    tensor(p, block + ".attn." + name).groups = 17;
    tensor(p, block + ".attn." + name).offset = offset;
    for (auto& s : p.steps) s->scratch_offset = 1 << 20;
  };
  add("an operand of another shape or format than the op takes", "groups of v",
      [=](ProgramT& p) { regroup(p, "blocks.0", "v", 1 << 16); });
  const Adder with_two_blocks{cases, Small::plain};
  with_two_blocks("groups does not divide the queries of attention", "the class token's, of 17",
                  [=](ProgramT& p) {
                    regroup(p, "blocks.1", "k", 1 << 16);
                    regroup(p, "blocks.1", "v", 1 << 18);
                  });
  add("an operand of another shape or format than the op takes", "cols of q",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.q").cols = 60; });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.attention.fixed").cols = 32; });
  add("an operand of another shape or format than the op takes", "format",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.attention.fixed").format = Format::S8; });
  add("attention heads of an impossible size", "516", [](ProgramT& p) {
    const uint64_t weights = add_zeros(p, 528 * 64), channels = add_zeros(p, 528 * 12);
    uint64_t offset = 1 << 17;
    for (const char* name : {"blocks.0.attn.q", "blocks.0.attn.k", "blocks.0.attn.v"}) {
      tensor(p, name).cols = 516;
      tensor(p, name).offset = offset += 1 << 17;
      op(p, name).AsLinear()->weights = weights;
      op(p, name).AsLinear()->channels = channels;
    }
    step(p, kNorm).scratch_offset = step(p, kAttend).scratch_offset = 1 << 20;
    step(p, kAttend).scratch_bytes = 1 << 16;
    tensor(p, "blocks.0.attn.attention.fixed").cols = 516;
  });
  add("a score scale is too large", "score_scale",
      [](ProgramT& p) { op(p, kAttend).AsAttention()->score_scale[0] = 4096; });
  add("attention does not have a score scale for each head", "one more",
      [](ProgramT& p) { op(p, kAttend).AsAttention()->score_scale.push_back(1); });
  add("attention does not have a score scale for each head", "none",
      [](ProgramT& p) { op(p, kAttend).AsAttention()->score_scale.clear(); });
  for (const uint64_t bad : {uint64_t{32}, uint64_t{1} << 20, ~uint64_t{63}})
    add("a workspace outside the scratch", "workspace",
        [bad](ProgramT& p) { op(p, kAttend).AsAttention()->workspace = bad; });
  add("a workspace outside the scratch", "its end", [](ProgramT& p) {
    op(p, kAttend).AsAttention()->workspace = step(p, kAttend).scratch_bytes - 32 * 32 + 64;
  });
  add("a workspace that overlaps an operand", "its destination",
      [](ProgramT& p) { op(p, kAttend).AsAttention()->workspace = 0; });
}

// The offset of number i of a linear's channel data: the scales begin at 0, the biases at n16.
uint64_t channel_of(ProgramT& p, const char* name, unsigned i) {
  return op(p, name).AsLinear()->channels + i * 4;
}

void static_scales(std::vector<HostileCase>& cases) {
  const Adder add{cases, Small::static_scales};
  const std::string inexact = "the scale or bias of a static linear is not exact";
  const char *const kGelu = "blocks.0.mlp.gelu", *const kAdd = "blocks.0.mlp.fc2.add",
                    *const kQuantise = "blocks.0.attn.attention.quantise";
  add("a static linear into another format than int8", "S16", [](ProgramT& p) {
    tensor(p, kFc1).format = Format::S16;
    tensor(p, kFc1).offset = step(p, "blocks.0.norm2").scratch_bytes;
    step(p, "blocks.0.norm2").scratch_bytes += 1 << 16;
  });
  // The first channel's scale: not a multiple of 2^-16, too fine for its bias, 0, negative, too
  // large.
  for (const float bad : {0.0123f, 0x1.000002p-3f, 0x1p-17f, 0.0f, -0x1p-10f, 129.0f})
    add(inexact, "scale", [bad](ProgramT& p) {
      set_float(p, channel_of(p, kFc1, 0), bad);
      set_float(p, channel_of(p, kFc1, 256), 0);
    });
  // Its bias: not a multiple of the scale 3 * 2^-16, one with which values need 25 bits, too large.
  for (const float bad : {0x1p-16f, 0x1p-17f, 0x1.800003p7f, 129.0f, 0x1p20f})
    add(inexact, "bias", [bad](ProgramT& p) {
      set_float(p, channel_of(p, kFc1, 0), 0x3p-16f);
      set_float(p, channel_of(p, kFc1, 256), bad);
    });
  add(inexact, "padding is none of it, the last channel is",
      [](ProgramT& p) { set_float(p, channel_of(p, "blocks.0.mlp.fc2", 63), 0.0123f); });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, kNorm).cols = 60; });
  add("an operand of another shape or format than the op takes", "format", [](ProgramT& p) {
    tensor(p, kNorm).format = Format::RowS8;
    step(p, kNorm).scratch_bytes += 1 << 12;
  });
  add("an operand of another shape or format than the op takes", "cols",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.attention.rows").cols = 60; });
  add("an operand of another shape or format than the op takes", "format", [](ProgramT& p) {
    tensor(p, "blocks.0.attn.attention.rows").format = Format::RowS8;
    step(p, kAttend).scratch_bytes += 1 << 12;
  });
  add("an operand of another shape or format than the op takes", "format", [kGelu](ProgramT& p) {
    op(p, kGelu).AsLookup()->dst = add_tensor(p, Format::RowS8, Storage::Scratch,
                                              tensor(p, "blocks.0.mlp.fc1").rows, 256, 1 << 15);
    step(p, "blocks.0.norm2").scratch_bytes = 1 << 16;
  });
  add("an operand of another shape or format than the op takes", "src",
      [kAdd](ProgramT& p) { op(p, kAdd).AsStaticAdd()->src = index_of(p, kFc1); });
  add("an operand of another shape or format than the op takes", "addend", [kAdd](ProgramT& p) {
    op(p, kAdd).AsStaticAdd()->addend = add_tensor(p, Format::S16, Storage::Constant, 17, 60, 0);
  });
  for (const float bad : {0.0f, -0.0f, -1.0f, NAN, INFINITY, 32769.0f}) {
    add(kNumber, "scale", [bad](ProgramT& p) { op(p, kNorm).AsStaticNorm()->scale = bad; });
    add(kNumber, "scale",
        [bad, kQuantise](ProgramT& p) { op(p, kQuantise).AsStaticQuantise()->scale = bad; });
    add(kNumber, "scale", [bad, kAdd](ProgramT& p) { op(p, kAdd).AsStaticAdd()->scale = bad; });
    if (!(bad > 0))
      add(kNumber, "epsilon", [bad](ProgramT& p) { op(p, kNorm).AsStaticNorm()->epsilon = bad; });
  }
  add(kNumber, "65", [kQuantise](ProgramT& p) { op(p, kQuantise).AsStaticQuantise()->scale = 65; });
  add(kNumber, "16385", [kAdd](ProgramT& p) { op(p, kAdd).AsStaticAdd()->scale = 16385; });
  for (const float bad : {1e-45f, 0x1p-41f}) {
    add(kNumber, "scale of static_norm",
        [bad](ProgramT& p) { op(p, kNorm).AsStaticNorm()->scale = bad; });
    add(kNumber, "scale of static_quantise",
        [bad, kQuantise](ProgramT& p) { op(p, kQuantise).AsStaticQuantise()->scale = bad; });
    add(kNumber, "scale of static_add",
        [bad, kAdd](ProgramT& p) { op(p, kAdd).AsStaticAdd()->scale = bad; });
  }
  for (const float bad : {INFINITY, 0x1p-61f, 0x1p62f})
    add(kNumber, "epsilon of static_norm",
        [bad](ProgramT& p) { op(p, kNorm).AsStaticNorm()->epsilon = bad; });
  for (const uint64_t bad : {uint64_t{32}, uint64_t{1} << 40, ~uint64_t{63}})
    add(kConstants, "table", [bad, kGelu](ProgramT& p) { op(p, kGelu).AsLookup()->table = bad; });
  add(kConstants, "end of the table",
      [kGelu](ProgramT& p) { op(p, kGelu).AsLookup()->table = add_zeros(p, 255); });
}

void mixing(std::vector<HostileCase>& cases) {
  const Adder mixer{cases, Small::mlp_mixer}, resmlp{cases, Small::resmlp};
  const char *const kChannels = "blocks.0.channels", *const kSum = "blocks.0.mixing.residual",
                    *const kAffine = "blocks.0.norm1";
  mixer("an operand of another shape or format than the op takes", "cols",
        [](ProgramT& p) { tensor(p, kNorm).cols = 20; });
  mixer("an operand of another shape or format than the op takes", "format",
        [](ProgramT& p) { tensor(p, kNorm).format = Format::S8, tensor(p, kNorm).scale = 0; });
  for (const float bad : {0.0f, -1.0f, NAN})
    mixer(kNumber, "epsilon", [bad](ProgramT& p) { op(p, kNorm).AsNorm()->epsilon = bad; });
  for (const float bad : {INFINITY, 0x1p-61f, 0x1p61f})
    mixer(kNumber, "epsilon", [bad](ProgramT& p) { op(p, kNorm).AsNorm()->epsilon = bad; });
  for (const uint32_t cols : {20u, 24u})
    mixer("an operand of another shape or format than the op takes", "cols",
          [cols, kChannels](ProgramT& p) { tensor(p, kChannels).cols = cols; });
  mixer("an operand of another shape or format than the op takes", "format",
        [kChannels](ProgramT& p) {
          tensor(p, kChannels).format = Format::S8, tensor(p, kChannels).scale = 0;
        });
  mixer("an operand of another shape or format than the op takes", "addend", [kSum](ProgramT& p) {
    op(p, kSum).AsAffine()->addend =
        static_cast<int32_t>(add_tensor(p, Format::S16, Storage::Constant, 25, 20, 0));
  });
  resmlp("an operand of another shape or format than the op takes", "cols",
         [kAffine](ProgramT& p) { tensor(p, kAffine).cols = 20; });
  resmlp("an operand of another shape or format than the op takes", "format",
         [kAffine](ProgramT& p) {
           tensor(p, kAffine).format = Format::S8, tensor(p, kAffine).scale = 0;
         });
  for (const uint64_t bad : {uint64_t{2}, uint64_t{1} << 40, ~uint64_t{63}}) {
    mixer(kConstants, "channels of norm",
          [bad](ProgramT& p) { op(p, kNorm).AsNorm()->channels = bad; });
    mixer(kConstants, "channels of affine",
          [bad, kSum](ProgramT& p) { op(p, kSum).AsAffine()->channels = bad; });
  }
  mixer(kConstants, "end of the channels",
        [](ProgramT& p) { op(p, kNorm).AsNorm()->channels = add_zeros(p, 4 * 47); });
  for (const unsigned at : {0u, 23u, 24u, 47u}) {  // gamma, beta; scale, shift
    for (const float bad : {NAN, INFINITY, 0x1p41f, 0x1p-41f}) {
      mixer(kNumber, "channels of norm",
            [=](ProgramT& p) { set_float(p, op(p, kNorm).AsNorm()->channels + at * 4, bad); });
      mixer(kNumber, "channels of affine",
            [=](ProgramT& p) { set_float(p, op(p, kSum).AsAffine()->channels + at * 4, bad); });
    }
  }
}

}  // namespace

namespace {

std::vector<HostileCase>& registered() {
  static std::vector<HostileCase> cases;
  return cases;
}

}  // namespace

OwnHostileCases::OwnHostileCases(const std::vector<HostileCase>& cases) {
  registered().insert(registered().end(), cases.begin(), cases.end());
}

std::vector<HostileCase> own_hostile_cases() { return registered(); }

std::vector<HostileCase> hostile_ops() {
  std::vector<HostileCase> cases;
  rows(cases);
  linear(cases);
  attention(cases);
  static_scales(cases);
  mixing(cases);
  return cases;
}

}  // namespace vitro
