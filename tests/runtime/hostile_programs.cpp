// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <stdexcept>

#include "tests/runtime/hostile.h"

namespace vitro {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

uint32_t index_of(const ProgramT& program, const std::string& name) {
  for (uint32_t i = 0; i < program.tensors.size(); ++i)
    if (program.tensors[i]->name == name) return i;
  throw std::out_of_range("no tensor " + name);
}

schema::StepT& step(ProgramT& program, const std::string& name) {
  for (auto& step : program.steps)
    if (step->name == name) return *step;
  throw std::out_of_range("no step " + name);
}

schema::OpArgsUnion& op(ProgramT& program, const std::string& name) {
  for (auto& step : program.steps)
    for (auto& op : step->ops)
      if (op->name == name) return op->args;
  throw std::out_of_range("no op " + name);
}

uint32_t add_tensor(ProgramT& program, Format format, Storage storage, uint32_t rows, uint32_t cols,
                    uint64_t offset) {
  auto t = std::make_unique<schema::TensorT>();
  t->format = format, t->storage = storage, t->rows = rows, t->cols = cols, t->offset = offset;
  program.tensors.push_back(std::move(t));
  return static_cast<uint32_t>(program.tensors.size() - 1);
}

void overwrite_before(ProgramT& program, const std::string& before, uint64_t offset) {
  schema::CopyT copy;
  copy.src = index_of(program, "prefix");
  copy.dst = add_tensor(program, Format::S16, Storage::Arena, 1, 64, offset);
  auto step = std::make_unique<schema::StepT>();
  step->rows = step->tile_rows = 1;
  step->scratch_offset = 1 << 20;
  step->ops.push_back(std::make_unique<schema::OpT>());
  step->ops[0]->args.Set(copy);
  for (auto at = program.steps.begin(); at != program.steps.end(); ++at)
    if ((*at)->name == before) {
      program.steps.insert(at, std::move(step));
      return;
    }
  throw std::out_of_range("no step " + before);
}

uint64_t add_zeros(ProgramT& program, size_t count) {
  const uint64_t offset = (program.constants.size() + 63) / 64 * 64;
  program.constants.resize(offset + count);
  return offset;
}

namespace {

const char *const kNorm = "blocks.0.norm1", *const kAttend = "blocks.0.attn.attention",
                  *const kMlp = "blocks.0.norm2";
const std::string kNumber = "a number out of range", kNoTensor = "an operand is not a tensor",
                  kOverwritten = "an operand was overwritten before it is read";
const std::string kOutside = "an operand outside its memory or inside the scratch",
                  kUnwritten = "an operand is read before it is written";

// Moves all that lies in the arena, so that nothing touches its first bytes.
void make_room(ProgramT& p, uint64_t bytes) {
  for (auto& t : p.tensors)
    if (t->storage == Storage::Arena) t->offset += bytes;
  for (auto& s : p.steps) s->scratch_offset += bytes;
}

void tables(std::vector<HostileCase>& cases) {
  const auto unsupported = [&](const char* fault, const char* what,
                               std::function<void(ProgramT&)> damage) {
    cases.push_back({fault, what, std::move(damage), Small::shallow, VITRO_UNSUPPORTED});
  };
  unsupported("another version of the format", "version 3", [](ProgramT& p) { p.version = 3; });
  unsupported("another version of the format", "version 1", [](ProgramT& p) { p.version = 1; });
  unsupported("a format or storage of a newer version", "format",
              [](ProgramT& p) { p.tensors[3]->format = static_cast<Format>(7); });
  unsupported("a format or storage of a newer version", "storage",
              [](ProgramT& p) { p.tensors[3]->storage = static_cast<Storage>(3); });
  unsupported("preprocessing of a newer version", "filter",
              [](ProgramT& p) { p.preprocessing->filter = static_cast<schema::Filter>(6); });
  unsupported("preprocessing of a newer version", "mode",
              [](ProgramT& p) { p.preprocessing->mode = static_cast<schema::ResizeMode>(5); });
  unsupported("preprocessing of a newer version", "centring",
              [](ProgramT& p) { p.preprocessing->centring = static_cast<schema::Centring>(2); });
  unsupported("preprocessing of a newer version", "orientation", [](ProgramT& p) {
    p.preprocessing->orientation = static_cast<schema::Orientation>(2);
  });
  unsupported("preprocessing of a newer version", "passes",
              [](ProgramT& p) { p.preprocessing->passes = static_cast<schema::PassOrder>(2); });
  unsupported("an op of a newer version", "activation", [](ProgramT& p) {
    op(p, "head").AsLinear()->activation = static_cast<schema::Activation>(2);
  });
  unsupported("more ops than this runtime takes", "4097 ops", [](ProgramT& p) {
    while (p.steps[1]->ops.size() < 4096)
      p.steps[1]->ops.push_back(std::make_unique<schema::OpT>(*p.steps[1]->ops[0]));
  });
  unsupported("more ops than this runtime takes", "4097 steps", [](ProgramT& p) {
    while (p.steps.size() <= 4096) p.steps.push_back(std::make_unique<schema::StepT>());
  });
  const auto add = [&](const std::string& fault, const char* what,
                       std::function<void(ProgramT&)> damage) {
    cases.push_back({fault, what, std::move(damage)});
  };
  add("a program without steps", "none", [](ProgramT& p) { p.steps.clear(); });
  add("the input is not a tensor", "input",
      [](ProgramT& p) { p.input = static_cast<uint32_t>(p.tensors.size()); });
  add("the input is not U8 in the arena", "format",
      [](ProgramT& p) { p.input = index_of(p, "tokens"); });
  add("the input is not U8 in the arena", "storage",
      [](ProgramT& p) { tensor(p, "picture").storage = Storage::Scratch; });
  add("the picture size does not match the input tensor", "image_size",
      [](ProgramT& p) { p.preprocessing->image_size = 16; });
  const auto window = [&](const char* what, uint32_t size, uint32_t width, uint32_t height) {
    add("the picture size does not match the input tensor", what, [=](ProgramT& p) {
      p.preprocessing->image_size = size;
      p.preprocessing->image_width = width;
      p.preprocessing->image_height = height;
    });
  };
  window("a square one with a width", 32, 32, 0);
  window("a square one with both sides", 32, 32, 32);
  window("no width", 0, 0, 32);
  window("another width", 0, 31, 32);
  window("another height", 0, 32, 33);
  add("the picture size does not match the input tensor", "cols",
      [](ProgramT& p) { tensor(p, "picture").cols = 95; });
  const auto resize = [&](const char* what, schema::ResizeMode mode, uint32_t shorter,
                          uint32_t width, uint32_t height) {
    add("the resize sizes do not fit the resize mode", what, [=](ProgramT& p) {
      p.preprocessing->mode = mode;
      p.preprocessing->resize = shorter;
      p.preprocessing->resize_width = width;
      p.preprocessing->resize_height = height;
    });
  };
  using schema::ResizeMode;
  resize("shorter side 0", ResizeMode::ShorterSide, 0, 0, 0);
  resize("shorter side 2^24", ResizeMode::ShorterSide, 1 << 24, 0, 0);
  resize("shorter side with a width", ResizeMode::ShorterSide, 32, 1, 0);
  resize("shorter side with a height", ResizeMode::ShorterSide, 32, 0, 1);
  for (const ResizeMode mode : {ResizeMode::LongerSide, ResizeMode::Exact, ResizeMode::Cover}) {
    resize("two sizes with a shorter side", mode, 32, 32, 32);
    resize("two sizes: width 0", mode, 0, 0, 32);
    resize("two sizes: height 0", mode, 0, 32, 0);
    resize("two sizes: width 2^24", mode, 0, 1 << 24, 32);
    resize("two sizes: height 2^24", mode, 0, 32, 1 << 24);
  }
  resize("none with a width", ResizeMode::None, 0, 1, 0);
  resize("none with a height", ResizeMode::None, 0, 0, 1);
  resize("none with a shorter side", ResizeMode::None, 32, 0, 0);
  add("fill does not have three channels", "two", [](ProgramT& p) {
    p.preprocessing->fill = {0, 0};
  });
  add("mean or std does not have three channels", "mean",
      [](ProgramT& p) { p.preprocessing->mean.pop_back(); });
  add("mean or std does not have three channels", "no std",
      [](ProgramT& p) { p.preprocessing->std.clear(); });
  for (const float bad : {NAN, INFINITY, 0.0f, 1e-45f, 1e38f, -INFINITY}) {
    add(kNumber, "residual_scale", [bad](ProgramT& p) { p.residual_scale = bad; });
    add(kNumber, "std", [bad](ProgramT& p) { p.preprocessing->std[2] = bad; });
    if (bad != 0) add(kNumber, "mean", [bad](ProgramT& p) { p.preprocessing->mean[0] = bad; });
    if (bad != 0) add(kNumber, "rescale", [bad](ProgramT& p) { p.preprocessing->rescale = bad; });
  }
}

void add_output(ProgramT& p, const char* name, schema::OutputKind kind, uint32_t tensor) {
  auto output = std::make_unique<schema::OutputT>();
  output->name = name, output->kind = kind, output->tensor = tensor;
  p.outputs.push_back(std::move(output));
}

// The logits, and the same once more as features.
void two_outputs(ProgramT& p) {
  p.outputs.clear();
  add_output(p, "logits", schema::OutputKind::Logits, p.output);
  add_output(p, "features", schema::OutputKind::Features, p.output);
  for (auto& golden : p.golden) golden->digests = {0};
}

void outputs(std::vector<HostileCase>& cases) {
  using schema::OutputKind;
  const auto add = [&](const std::string& fault, const char* what,
                       std::function<void(ProgramT&)> damage, vitro_status status = VITRO_CORRUPT) {
    cases.push_back({fault, what, std::move(damage), Small::shallow, status});
  };
  const auto with_two = [&](const std::string& fault, const char* what,
                            std::function<void(ProgramT&)> damage) {
    add(fault, what, [damage](ProgramT& p) {
      two_outputs(p);
      damage(p);
    });
  };
  add("an output is not a tensor", "the only one", [](ProgramT& p) { p.output = UINT32_MAX; });
  with_two("an output is not a tensor", "the second",
           [](ProgramT& p) { p.outputs[1]->tensor = static_cast<uint32_t>(p.tensors.size()); });
  const std::string not_floats = "an output is not F32 in the arena";
  add(not_floats, "format", [](ProgramT& p) { p.output = index_of(p, "cls"); });
  add(not_floats, "storage", [](ProgramT& p) { tensor(p, "head").storage = Storage::Scratch; });
  with_two(not_floats, "format of the second",
           [](ProgramT& p) { p.outputs[1]->tensor = index_of(p, "cls"); });
  const std::string late = "logits are not the first output or have more than one row";
  add(late, "rows of the only output", [](ProgramT& p) { tensor(p, "head").rows = 2; });
  with_two(late, "rows of the first", [](ProgramT& p) { tensor(p, "head").rows = 2; });
  with_two(late, "the second", [](ProgramT& p) { p.outputs[1]->kind = OutputKind::Logits; });
  with_two("an output without a name", "the second", [](ProgramT& p) { p.outputs[1]->name = ""; });
  with_two("two outputs have the same name", "the second",
           [](ProgramT& p) { p.outputs[1]->name = "logits"; });
  with_two("the first of outputs is not the tensor of output", "output", [](ProgramT& p) {
    p.outputs[0]->tensor = add_tensor(p, Format::F32, Storage::Arena, 1, 5, 0);
  });
  const std::string labels = "the number of labels is not the number of classes";
  add(labels, "one less", [](ProgramT& p) { p.labels.pop_back(); });
  add(labels, "one more", [](ProgramT& p) { p.labels.push_back("?"); });
  with_two(labels, "no logits", [](ProgramT& p) { p.outputs[0]->kind = OutputKind::Features; });
  const std::string length = "a golden vector of the wrong length";
  add(length, "one less", [](ProgramT& p) { p.golden[1]->logits.pop_back(); });
  add(length, "none", [](ProgramT& p) { p.golden[0]->logits.clear(); });
  with_two(length, "of one row of two", [](ProgramT& p) {
    p.labels.clear();
    p.outputs[0]->kind = OutputKind::Features;
    tensor(p, "head").rows = 2;
  });
  const std::string digests = "a golden vector does not have a digest for each further output";
  add(digests, "one too many", [](ProgramT& p) { p.golden[0]->digests = {1}; });
  with_two(digests, "none", [](ProgramT& p) { p.golden[1]->digests.clear(); });
  with_two(digests, "one too many", [](ProgramT& p) { p.golden[1]->digests.push_back(0); });
  with_two(kUnwritten, "the second output", [](ProgramT& p) {
    make_room(p, 64);
    p.outputs[1]->tensor = add_tensor(p, Format::F32, Storage::Arena, 1, 5, 0);
  });
  add(
      "an output of a newer version", "kind",
      [](ProgramT& p) {
        two_outputs(p);
        p.outputs[1]->kind = static_cast<OutputKind>(5);
      },
      VITRO_UNSUPPORTED);
  add(
      "more outputs than this runtime takes", "257",
      [](ProgramT& p) {
        for (int i = 0; i < 257; ++i)
          add_output(p, std::to_string(i).c_str(), OutputKind::Features, p.output);
      },
      VITRO_UNSUPPORTED);
}

void tensors_and_steps(std::vector<HostileCase>& cases) {
  const auto add = [&](const std::string& fault, const char* what,
                       std::function<void(ProgramT&)> damage) {
    cases.push_back({fault, what, std::move(damage)});
  };
  for (const uint32_t bad : {0u, 1u << 24, UINT32_MAX}) {
    add("a tensor with an impossible shape", "rows",
        [bad](ProgramT& p) { tensor(p, "tokens").rows = bad; });
    add("a tensor with an impossible shape", "cols",
        [bad](ProgramT& p) { tensor(p, "blocks.0.mlp.fc1").cols = bad; });
    add("a step with an impossible number of rows", "rows",
        [bad](ProgramT& p) { p.steps[2]->rows = bad; });
    add("a step with an impossible number of rows", "tile_rows",
        [bad](ProgramT& p) { p.steps[2]->tile_rows = bad; });
  }
  add("cols of a tensor is not a multiple of heads", "no heads",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.k").heads = 0; });
  add("cols of a tensor is not a multiple of heads", "3 heads",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.v").heads = 3; });
  const std::string groups = "groups does not divide the rows, or the tensor is not keys or values";
  for (const uint32_t bad : {0u, 2u, 18u, UINT32_MAX})
    add(groups, "of 17 rows", [bad](ProgramT& p) { tensor(p, "blocks.0.attn.k").groups = bad; });
  add(groups, "of S8", [](ProgramT& p) { tensor(p, "blocks.0.attn.q").groups = 17; });
  for (const float bad : {NAN, INFINITY, -1.0f, 1e-45f, 0x1p41f, 0x1p-41f})
    add("a tensor with an impossible scale", "of S16",
        [bad](ProgramT& p) { tensor(p, "tokens").scale = bad; });
  add("a tensor with an impossible scale", "of S8",
      [](ProgramT& p) { tensor(p, "blocks.0.attn.q").scale = 1; });
  for (const uint64_t bad : {uint64_t{2}, uint64_t{1} << 32, ~uint64_t{3}})
    add("a tensor at an impossible offset", "offset",
        [bad](ProgramT& p) { tensor(p, "tokens").offset = bad; });
  add("a tensor beyond 2 GiB", "offset",
      [](ProgramT& p) { tensor(p, "tokens").offset = 0x7ffffffc; });
  add("a tensor beyond 2 GiB", "size",
      [](ProgramT& p) { tensor(p, "tokens").rows = tensor(p, "tokens").cols = (1 << 24) - 1; });
  add("constants outside the file", "end of a tensor",
      [](ProgramT& p) { tensor(p, "positions").offset = p.constants.size() - 2044; });
  add("constants outside the file", "size of a tensor",
      [](ProgramT& p) { tensor(p, "positions").rows = (1 << 24) - 1; });
  add("a step with impossible scratch", "offset of 32",
      [](ProgramT& p) { p.steps[0]->scratch_offset += 32; });
  add("a step with impossible scratch", "bytes of 32",
      [](ProgramT& p) { p.steps[0]->scratch_bytes += 32; });
  add("a step with impossible scratch", "offset of 2 GiB",
      [](ProgramT& p) { p.steps[0]->scratch_offset = uint64_t{1} << 31; });
  add("a step with impossible scratch", "bytes of 2^63",
      [](ProgramT& p) { p.steps[0]->scratch_bytes = uint64_t{1} << 63; });
  add("a step without ops", "none", [](ProgramT& p) { p.steps[3]->ops.clear(); });
}

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
  add("a constant operand is neither S16 nor F32", "row-quantised", [](ProgramT& p) {
    op(p, "patch_embed").AsLinear()->src =
        add_tensor(p, Format::RowS8, Storage::Constant, 16, 192, 0);
  });
  add("a constant operand is neither S16 nor F32", "static", [](ProgramT& p) {
    op(p, kAttend).AsAttention()->q = add_tensor(p, Format::S8, Storage::Constant, 17, 64, 0);
  });
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

std::vector<HostileCase> hostile_programs() {
  std::vector<HostileCase> cases;
  tables(cases);
  outputs(cases);
  tensors_and_steps(cases);
  operands(cases);
  flow(cases);
  return cases;
}

}  // namespace vitro
