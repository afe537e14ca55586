// SPDX-License-Identifier: Apache-2.0
// TransFG: what its tensors and settings tell, which parts are picked, and refusals. reference_test
// compares its float outputs with PyTorch.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "converter/convert.h"
#include "converter/float/executor.h"
#include "tests/support/archives.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;

namespace {

class TransFg : public ModelFolderTest {
 protected:
  static ModelOptions with(const std::string& stride, const std::string& heads = "3") {
    ModelOptions options;
    options.settings["heads"] = said(heads, "--set heads");
    if (!stride.empty()) options.settings["stride"] = said(stride, "--set stride");
    return options;
  }
  static const Node& node(const Graph& graph, const std::string& name) {
    for (const Node& n : graph.nodes)
      if (n.name == name) return n;
    throw std::runtime_error("no node " + name);
  }
  /// So many positions, of patches of 16 x 16 pixels.
  void positions(size_t count) const {
    reference_weights("transfg", [count](Checkpoint& c) {
      c.tensors["transformer.embeddings.position_embeddings"] = {{1, count, 24},
                                                                 std::vector<float>(count * 24)};
      c.tensors["transformer.embeddings.patch_embeddings.weight"] = {
          {24, 3, 16, 16}, std::vector<float>(size_t{24} * 3 * 256)};
    });
  }
};

TEST_F(TransFg, TensorsTellAllButHeadsAndStride) {
  reference_weights("transfg");
  const Model model = read(with("3"));
  EXPECT_EQ(setting_of(model, "names"),
            "TACJu/TransFG, prefix transformer. | names of the tensors");
  EXPECT_EQ(setting_of(model, "blocks"), "4 | shapes: the number of blocks, part_layer too");
  EXPECT_EQ(setting_of(model, "stride"), "3 | --set stride");
  EXPECT_EQ(setting_of(model, "epsilon"), "1e-06 | assumed: usual for TransFG");
  EXPECT_EQ(setting_of(model, "activation"), "gelu | assumed: usual for TransFG");
  EXPECT_EQ(model.family_values.at("stride").value, "3");
  EXPECT_EQ(image_size(model.graph.preprocessing), (PixelSize{16, 16}));
  EXPECT_EQ(node(model.graph, "pixels").grid->width, 5u);
  expect_refused({"heads cannot be told from its width of 24"});
}

// The released models' pictures have 448 pixels.
TEST_F(TransFg, AssumesTheStrideThatThePositionsFit) {
  const std::string usual = " | assumed: of a picture of 448 pixels";
  positions(1 + 37 * 37);
  const Model overlapping = read(with(""));
  EXPECT_EQ(setting_of(overlapping, "stride"), "12" + usual);
  const Preprocessing& p = overlapping.graph.preprocessing;
  EXPECT_EQ(image_size(p), (PixelSize{448, 448}));
  EXPECT_EQ(p.mode, ResizeMode::Exact);
  EXPECT_EQ(p.resize_width, 600u);
  positions(1 + 28 * 28);
  EXPECT_EQ(setting_of(read(with("")), "stride"), "16" + usual);
  positions(1 + 14 * 14);
  EXPECT_EQ(setting_of(read(with("")), "stride"), "16 | assumed: patches side by side");
  positions(1 + 1);
  EXPECT_EQ(setting_of(read(with("")), "stride"), "16 | assumed: patches side by side");
}

// As its authors' training saves it.
TEST_F(TransFg, FromAPickledDictionary) {
  reference_weights("transfg");
  const Checkpoint checkpoint = read_checkpoint(path("model.safetensors"));
  write("cub_checkpoint.bin", torch_zip(checkpoint, {"model"}));
  const Model model = read(with("3")), pickled = read_model(path("cub_checkpoint.bin"), with("3"));
  const std::vector<uint8_t> picture = generated_pictures(model.graph.preprocessing)[0];
  EXPECT_EQ(FloatExecutor(pickled.graph).run(picture.data()),
            FloatExecutor(model.graph).run(picture.data()));
  EXPECT_EQ(setting_of(pickled, "names"), setting_of(model, "names"));
}

TEST_F(TransFg, WithoutAHead) {
  reference_weights("transfg", [](Checkpoint& c) {
    c.tensors.erase("part_head.weight"), c.tensors.erase("part_head.bias");
  });
  const Model model = read(with("3"));
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "class");
}

double sqnr_db(const std::vector<float>& want, const float* got) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < want.size(); ++i) {
    signal += double{want[i]} * double{want[i]};
    noise += (double{want[i]} - double{got[i]}) * (double{want[i]} - double{got[i]});
  }
  return 10 * std::log10(signal / noise);
}

// Int8 may find another patch where two are nearly as good. What follows is compared with the float
// model that is given the same patches; where they differ, the float model must find the int8
// model's nearly as good as its own.
TEST_F(TransFg, Int8WithTheIndicesForced) {
  for (const char* const name : {"transfg", "transfg_side_by_side"}) {
    reference_weights(name);
    const Model model = read(with(std::string(name) == "transfg" ? "3" : "4"));
    ConvertOptions options;
    options.threads = 2;
    ASSERT_TRUE(parse("parts", options.also));
    const Pictures pictures = generated_pictures(model.graph.preprocessing);
    const ConvertResult result = convert(model.checkpoint, model.graph, pictures, options, nullptr);
    vitro_program program;
    ASSERT_EQ(vitro_open(result.file.data(), result.file.size(), &program), VITRO_OK);
    AlignedBytes arena(vitro_arena_bytes(&program, 1));
    vitro_session* session = nullptr;
    ASSERT_EQ(vitro_bind(&program, nullptr, arena.data(), arena.size(), &session), VITRO_OK);
    Graph watched = model.graph;
    for (const char* const value : {"parts", "blocks.0.rollout"})
      for (size_t i = 0; i < watched.nodes.size(); ++i)
        if (watched.nodes[i].name == value)
          watched.outputs.push_back({i, value, OutputKind::Features});
    size_t flips = 0;
    double worst = 1000;
    for (const std::vector<uint8_t>& picture : pictures) {
      size_t bytes = 0;
      std::copy(picture.begin(), picture.end(), vitro_input(session, &bytes));
      const float* const logits = vitro_run(session);
      const float* const parts = vitro_output_values(session, 1);
      const auto truth = FloatExecutor(watched).run(picture.data());
      const std::vector<float>&own = truth[1], &rollout = truth[2];
      const size_t tokens = rollout.size() / own.size();
      for (size_t h = 0; h < own.size(); ++h) {
        const float* const row = rollout.data() + h * tokens;
        if (own[h] == parts[h]) continue;
        ++flips;
        EXPECT_GT(row[static_cast<size_t>(parts[h])], 0.9f * row[static_cast<size_t>(own[h])]);
      }
      Graph forced = model.graph;
      for (Node& n : forced.nodes)
        if (n.name == "parts") {
          Constant index{Matrix(own.size(), 1)};
          std::copy_n(parts, own.size(), index.rows.data.begin());
          n.operation = std::move(index), n.inputs.clear();
        }
      const std::vector<float> want = FloatExecutor(forced).run(picture.data())[0];
      worst = std::min(worst, sqnr_db(want, logits));
    }
    EXPECT_GT(worst, 25) << name;
    EXPECT_LT(flips, pictures.size() * 3 / 8) << name;
  }
}

TEST_F(TransFg, WhatIsNotComputedIsRefused) {
  reference_weights("transfg");
  ModelOptions options = with("3");
  options.adapters.image_size = {32, 32};
  expect_refused({"--image-size", "trained for"}, options);
  options.adapters = {};
  options.adapters.lora = "folder";
  expect_refused({"--lora"}, options);
  expect_refused({"--set stride"}, with("0"));
  expect_refused({"the side of its picture"}, with("2000"));
  positions(27);
  expect_refused({"27 positions", "class token and a square picture"}, with(""));
  positions(1);
  expect_refused({"1 positions"}, with(""));
  reference_weights("transfg", [](Checkpoint& c) {
    c.tensors.erase("transformer.encoder.part_layer.ffn.fc2.weight");
  });
  expect_refused({"part.mlp.fc2.weight is missing"}, with("3"));
}

}  // namespace
}  // namespace vitro
