// SPDX-License-Identifier: Apache-2.0
// Operands in the wrong place, and reads and writes in the wrong order.
#include "tests/runtime/hostile.h"

namespace vitro {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

namespace {

const char* const kMlp = "blocks.0.norm2";
const std::string kNoTensor = "an operand is not a tensor",
                  kOverwritten = "an operand was overwritten before it is read",
                  kOutside = "an operand outside its memory or inside the scratch";

void operands(std::vector<HostileCase>& cases) {
  const auto add = [&](const std::string& fault, const char* what,
                       std::function<void(ProgramT&)> damage, Small model = Small::shallow) {
    cases.push_back({fault, what, std::move(damage), model});
  };
  for (const uint32_t bad : {1000u, UINT32_MAX, 0x80000000u}) {
    add(kNoTensor, "patch_rows", [bad](ProgramT& p) { op(p, "pixels").AsPatchRows()->src = bad; });
    add(kNoTensor, "copy", [bad](ProgramT& p) { op(p, "prefix").AsCopy()->dst = bad; });
    add(kNoTensor, "layer_norm", [bad](ProgramT& p) { op(p, kNorm).AsLayerNorm()->dst = bad; });
    add(kNoTensor, "quantise_rows",
        [bad](ProgramT& p) { op(p, "blocks.0.mlp.gelu.quantise").AsQuantiseRows()->src = bad; });
    add(kNoTensor, "linear", [bad](ProgramT& p) { op(p, "head").AsLinear()->dst = bad; });
    add(kNoTensor, "attention", [bad](ProgramT& p) { op(p, kAttend).AsAttention()->k = bad; });
    add(
        kNoTensor, "mean_rows", [bad](ProgramT& p) { op(p, "pool").AsMeanRows()->src = bad; },
        Small::mean_pooled);
  }
  add(kNoTensor, "addend",
      [](ProgramT& p) { op(p, "blocks.0.mlp.fc2").AsLinear()->addend = INT32_MAX; });
  add(kOutside, "arena behind the scratch",
      [](ProgramT& p) { step(p, kAttend).scratch_offset -= 64; });
  add(kOutside, "scratch", [](ProgramT& p) { tensor(p, "norm").offset = 64; });
  add(kOutside, "no scratch", [](ProgramT& p) { step(p, kMlp).scratch_bytes = 0; });
  add("an operand of the wrong format", "row source",
      [](ProgramT& p) { op(p, kNorm).AsLayerNorm()->src = index_of(p, "picture"); });
  add("an operand of the wrong format", "whole source",
      [](ProgramT& p) { op(p, kAttend).AsAttention()->v = index_of(p, "blocks.0.attn.k"); });
  add("an operand with the wrong number of rows", "arena",
      [](ProgramT& p) { step(p, kNorm).rows = 16; });
  add("an operand with the wrong number of rows", "scratch", [](ProgramT& p) {
    step(p, "norm").tile_rows = 2;
    tensor(p, "norm").rows = 1;
    op(p, "norm").AsLayerNorm()->dst = add_tensor(p, Format::RowS8, Storage::Scratch, 2, 64, 0);
    step(p, "norm").scratch_bytes = 256;
  });
  add("a destination in the constants", "copy",
      [](ProgramT& p) { op(p, "prefix").AsCopy()->dst = index_of(p, "prefix"); });
  add("a destination with the wrong number of rows", "copy",
      [](ProgramT& p) { op(p, "prefix").AsCopy()->dst = index_of(p, "tokens"); });
  add("a whole operand outside the arena", "picture in scratch", [](ProgramT& p) {
    op(p, "pixels").AsPatchRows()->src = add_tensor(p, Format::U8, Storage::Scratch, 32, 96, 0);
    p.steps[0]->scratch_bytes = 1 << 14;
  });
  add(
      "a whole operand is written in the step that reads it", "mean_rows",
      [](ProgramT& p) { op(p, "pool").AsMeanRows()->dst = op(p, "pool").AsMeanRows()->src; },
      Small::mean_pooled);
}

void flow(std::vector<HostileCase>& cases) {
  const auto add = [&](const std::string& fault, const char* what,
                       std::function<void(ProgramT&)> damage) {
    cases.push_back({fault, what, std::move(damage)});
  };
  add(kUnwritten, "a row of the tokens", [](ProgramT& p) { p.steps.erase(p.steps.begin() + 1); });
  add(kUnwritten, "scratch", [](ProgramT& p) { p.steps[0]->ops.erase(p.steps[0]->ops.begin()); });
  add(kUnwritten, "scratch of another step", [](ProgramT& p) {
    step(p, "norm").ops.erase(step(p, "norm").ops.begin());
    tensor(p, "norm").rows = 1;
  });
  add(kUnwritten, "keys",
      [](ProgramT& p) { step(p, kNorm).ops.erase(step(p, kNorm).ops.begin() + 2); });
  add(kUnwritten, "written later",
      [](ProgramT& p) { std::swap(step(p, kNorm).ops[0], step(p, kNorm).ops[1]); });
  add(kUnwritten, "output", [](ProgramT& p) {
    make_room(p, 64);
    p.output = add_tensor(p, Format::F32, Storage::Arena, 1, 5, 0);
  });
  add(kUnwritten, "another picture", [](ProgramT& p) {
    make_room(p, 32 * 96);
    op(p, "pixels").AsPatchRows()->src = add_tensor(p, Format::U8, Storage::Arena, 32, 96, 0);
  });
  add(kOverwritten, "q",
      [](ProgramT& p) { overwrite_before(p, kAttend, tensor(p, "blocks.0.attn.q").offset + 960); });
  add(kOverwritten, "keys",
      [](ProgramT& p) { overwrite_before(p, kAttend, tensor(p, "blocks.0.attn.k").offset); });
  add(kOverwritten, "values",
      [](ProgramT& p) { overwrite_before(p, kAttend, tensor(p, "blocks.0.attn.v").offset + 4); });
  add(kOverwritten, "tokens, but not by whole rows",
      [](ProgramT& p) { overwrite_before(p, kMlp, 64); });
  add(kOverwritten, "picture",
      [](ProgramT& p) { overwrite_before(p, "patch_embed", tensor(p, "picture").offset); });
  add(kOverwritten, "scratch by a workspace", [](ProgramT& p) {
    schema::StepT& s = step(p, kAttend);
    schema::AttentionT again = *s.ops[0]->args.AsAttention();
    again.workspace = tensor(p, "blocks.0.attn.attention.rows").offset / 64 * 64;
    again.dst = add_tensor(p, Format::S16, Storage::Scratch, 17, 64, 1 << 14);
    s.scratch_bytes = 1 << 15;
    s.ops.insert(s.ops.begin() + 2, std::make_unique<schema::OpT>());
    s.ops[2]->args.Set(again);
  });
  add("an operand is overwritten by the scratch of a step", "tokens", [](ProgramT& p) {
    step(p, "prefix").scratch_offset = 128;
    step(p, "prefix").scratch_bytes = 64;
  });
  add("an operand is overwritten by the scratch of a step", "output, by the last step",
      [](ProgramT& p) {
        p.steps.push_back(std::make_unique<schema::StepT>(*p.steps[1]));
        p.steps.back()->scratch_bytes = 64;
      });
  add("an operand is overwritten by the scratch of a step", "picture", [](ProgramT& p) {
    p.steps.insert(p.steps.begin(), std::make_unique<schema::StepT>(*p.steps[1]));
    p.steps[0]->scratch_bytes = 64;
  });
  add("a constant operand is not S8, S16 or F32", "row-quantised", [](ProgramT& p) {
    op(p, "patch_embed").AsLinear()->src =
        add_tensor(p, Format::RowS8, Storage::Constant, 16, 192, 0);
  });
  cases.push_back({"a destination that is a source of an op that does not work in place",
                   "a static linear",
                   [](ProgramT& p) {
                     schema::LinearT& q = *op(p, "blocks.0.attn.q").AsLinear();
                     q.dst = q.src;
                   },
                   Small::static_scales});
  add("a destination that overlaps a source", "of the same op",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.attention.rows").offset = 0; });
  add("a destination that overlaps a source", "of an earlier op",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.q").offset = 0; });
  add("a destination that overlaps a source", "of a later op", [](ProgramT& p) {
    schema::CopyT copy;
    copy.src = add_tensor(p, Format::S16, Storage::Constant, 17, 32, 0);
    copy.dst = add_tensor(p, Format::S16, Storage::Arena, 17, 32,
                          tensor(p, "blocks.0.attn.q").offset - 64);
    auto first = std::make_unique<schema::OpT>();
    first->args.Set(copy);
    step(p, kAttend).ops.insert(step(p, kAttend).ops.begin(), std::move(first));
  });
  add("a destination that overlaps a source", "the addend, by a row", [](ProgramT& p) {
    step(p, kMlp).scratch_offset = 1 << 16;
    op(p, "blocks.0.mlp.fc2").AsLinear()->dst =
        add_tensor(p, Format::S16, Storage::Arena, 17, 64, 128);
  });
  add("a destination that overlaps another", "keys and values", [](ProgramT& p) {
    tensor(p, "blocks.0.attn.k").offset = tensor(p, "blocks.0.attn.v").offset;
  });
}

}  // namespace

std::vector<HostileCase> hostile_flow() {
  std::vector<HostileCase> cases;
  operands(cases);
  flow(cases);
  return cases;
}

}  // namespace vitro
