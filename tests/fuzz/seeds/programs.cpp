// SPDX-License-Identifier: Apache-2.0
// Programs with every kind of op, as small as the converter makes them, and the frozen programs.
#include <filesystem>
#include <fstream>

#include "converter/convert.h"
#include "models/model.h"
#include "models/vit/vit.h"
#include "runtime/core/golden.h"
#include "runtime/kernels/kernels.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/runtime/hand_made.h"
#include "tests/support/make_checkpoint.h"

namespace vitro::fuzz {

namespace {

Pictures pictures_of(const Preprocessing& preprocessing) {
  Pictures pictures(4, std::vector<uint8_t>(picture_bytes(preprocessing)));
  for (size_t i = 0; i < pictures.size(); ++i)
    golden_picture(static_cast<uint32_t>(100 + i), pictures[i].data(), preprocessing.image_height,
                   preprocessing.image_width);
  return pictures;
}

AlignedBytes convert_small(const Checkpoint& checkpoint, const Graph& graph, bool static_scales) {
  ConvertOptions options;
  options.static_scales = static_scales;
  return std::move(convert(checkpoint, graph, pictures_of(graph.preprocessing), options, {}).file);
}

RandomVit tiny() {
  RandomVit vit;
  vit.dim = 16, vit.depth = 1, vit.heads = 2, vit.hidden = 24;
  vit.image = 8, vit.patch = 4, vit.classes = 3;
  return vit;
}

void add_vit(const Seeds& seeds, const std::string& name, const RandomVit& vit) {
  const Checkpoint checkpoint = make_checkpoint(vit);
  vit::VitOptions options;
  options.heads = vit.heads;
  if (vit.image_width != 0) options.trained_size = {vit.image_width, vit.image};
  const Graph graph = vit::build_vit(checkpoint, options);
  seeds.add_bytes(name, convert_small(checkpoint, graph, false));
  seeds.add_bytes(name + "_static", convert_small(checkpoint, graph, true));
}

// A program with attention within groups, and two outputs.
AlignedBytes grouped() {
  HandMade made(4, 4);
  constexpr uint32_t kRows = 6, kCols = 8;
  const uint32_t x = made.rows(std::vector<int16_t>(kRows * kCols, 100), kCols);
  schema::AttentionT attention;
  attention.q = made.tensor(schema::Format::S8, kRows, kCols);
  attention.k = made.tensor(schema::Format::Keys, kRows, kCols, 2);
  attention.v = made.tensor(schema::Format::Values, kRows, kCols, 2);
  made.step(kRows, 4);
  schema::LayerNormT norm;
  norm.src = x, norm.dst = made.scratch(schema::Format::RowS8, kCols), norm.epsilon = 1;
  made.op(norm);
  const std::vector<int8_t> weights(kCols * kCols, 3);
  for (const uint32_t dst : {attention.q, attention.k, attention.v})
    made.linear(norm.dst, dst, weights, 0.1f);
  made.step(kRows, 5);
  attention.dst = made.tensor(schema::Format::S16, kRows, kCols);
  attention.score_scale = {0.5f};
  attention.workspace = made.workspace(attention_workspace_bytes(kRows / 2));
  made.op(attention);
  made.step(kRows, kRows);
  schema::QuantiseRowsT quantise;
  quantise.src = attention.dst, quantise.unit = 1;
  quantise.dst = made.scratch(schema::Format::RowS8, kCols);
  made.op(quantise);
  for (const char* name : {"rows", "again"}) {
    const uint32_t out = made.tensor(schema::Format::F32, kRows, kCols);
    made.linear(quantise.dst, out, weights, 1);
    made.output(name, schema::OutputKind::Features, out);
  }
  return made.finish();
}

}  // namespace

void make_program_seeds(const std::string& folder) {
  const Seeds seeds(folder, "programs");
  RandomVit vit = tiny();
  add_vit(seeds, "plain", vit);
  vit.distillation = true;
  add_vit(seeds, "distilled", vit);
  vit = tiny();
  vit.class_token = false;
  add_vit(seeds, "mean", vit);
  vit = tiny();
  vit.dim = 18, vit.hidden = 21, vit.heads = 3, vit.image_width = 12;
  add_vit(seeds, "odd", vit);
  for (const std::string name :
       {"mlp_mixer", "resmlp", "dinov2_reg4", "dinov2_giant", "eva02_packed", "transfg"}) {
    ModelOptions options;
    if (name == "transfg")
      options.settings = {{"heads", {"3", "given"}}, {"stride", {"3", "given"}}};
    else if (name != "mlp_mixer" && name != "resmlp")
      options.settings["heads"] = {"2", "given"};
    const Model model =
        read_model(VITRO_REFERENCE_MODELS "/" + name + "/model.safetensors", options);
    seeds.add_bytes(name, convert_small(model.checkpoint, model.graph, false));
  }
  seeds.add_bytes("grouped", grouped());
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_FROZEN_PROGRAMS))
    if (entry.path().extension() == ".vitro") {
      std::ifstream file(entry.path(), std::ios::binary);
      seeds.add("frozen_" + entry.path().stem().string(),
                {std::istreambuf_iterator<char>(file), {}});
    }
}

}  // namespace vitro::fuzz
