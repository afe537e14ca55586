// SPDX-License-Identifier: Apache-2.0
// Faults in a program's tables, outputs, tensors and steps, each considered alone.
#include <cmath>

#include "tests/runtime/hostile.h"

namespace vitro {

using schema::Format;
using schema::ProgramT;
using schema::Storage;

namespace {

const char* const kTooMany =
    "more tensors, steps, ops, outputs or golden vectors than this runtime takes";
const std::string kNameless = "an output without a name, or with a longer one than 255 bytes";

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
    op(p, "head").AsLinear()->activation = static_cast<schema::Activation>(3);
  });
  unsupported(kTooMany, "4097 ops", [](ProgramT& p) {
    while (p.steps[1]->ops.size() < 4096)
      p.steps[1]->ops.push_back(std::make_unique<schema::OpT>(*p.steps[1]->ops[0]));
  });
  unsupported(kTooMany, "4097 steps", [](ProgramT& p) {
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

// Makes the program answer the logits, and the same tensor again as features.
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
                            const std::function<void(ProgramT&)>& damage) {
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
  with_two(kNameless, "the second", [](ProgramT& p) { p.outputs[1]->name = ""; });
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
      kTooMany, "257 outputs",
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
  add("a tensor beyond 1 GiB", "offset",
      [](ProgramT& p) { tensor(p, "tokens").offset = 0x7ffffffc; });
  add("a tensor beyond 1 GiB", "size",
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

}  // namespace

std::vector<HostileCase> hostile_programs() {
  std::vector<HostileCase> cases;
  tables(cases);
  outputs(cases);
  tensors_and_steps(cases);
  return cases;
}

}  // namespace vitro
