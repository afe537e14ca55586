// SPDX-License-Identifier: Apache-2.0
// ViTs with other MLPs and poolings: gated MLPs (DINOv2 giant), GELU by tanh, SigLIP's attention
// pooling. reference_test compares their float outputs with timm and transformers.
#include <algorithm>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "converter/convert.h"
#include "converter/nodes/node_type.h"
#include "tests/support/make_checkpoint.h"
#include "tests/support/model_folder.h"
#include "tests/support/small_program.h"

namespace vitro {

using namespace converter;
using nlohmann::json;

namespace {

class Variants : public ModelFolderTest {
 protected:
  static json config(const std::string& model) {
    return json::parse(std::ifstream(reference(model) + "/config.json"));
  }

  static json timm_config(const char* architecture, const char* pool) {
    return {{"architecture", architecture},
            {"global_pool", pool},
            {"pretrained_cfg", {{"input_size", {3, 16, 16}}}}};
  }

  static ModelOptions set(const std::map<std::string, std::string>& values) {
    ModelOptions options;
    for (const auto& [name, value] : values) options.settings[name] = said(value, "--set " + name);
    return options;
  }
  static ModelOptions two_heads() { return set({{"heads", "2"}}); }
};

TEST_F(Variants, AGatedMlpIsToldByItsShapes) {
  reference_weights("dinov2_giant");
  EXPECT_EQ(setting_of(read(two_heads()), "activation"),
            "swiglu | shapes: the MLP's first linear makes twice what its second reads");
  reference_weights("hf_dinov2_giant");
  json giant = config("hf_dinov2_giant");
  write("config.json", giant);
  EXPECT_EQ(setting_of(read(), "activation").rfind("swiglu", 0), 0u);
  giant["use_swiglu_ffn"] = false;
  write("config.json", giant);
  expect_refused({"hidden_act", "gelu", "a gated MLP"});
  // Half of what makes the gate is missing in one block.
  giant["use_swiglu_ffn"] = true;
  write("config.json", giant);
  reference_weights("hf_dinov2_giant", [](Checkpoint& c) {
    CheckpointTensor& w = c.tensors.at("encoder.layer.1.mlp.weights_in.weight");
    w.shape[0] /= 2, w.data.resize(w.data.size() / 2);
  });
  expect_refused({"encoder.layer.1.mlp.weights_in.weight", "expected shape"});
}

TEST_F(Variants, TheActivationOfAnotherMlpIsSaidOrAssumed) {
  reference_weights("dino");
  EXPECT_EQ(setting_of(read(two_heads()), "activation"), "gelu | assumed: usual for a ViT");
  const Model model = read(set({{"heads", "2"}, {"activation", "gelu_tanh"}}));
  EXPECT_EQ(setting_of(model, "activation"), "gelu_tanh | --set activation");
  EXPECT_EQ(model.family_values.at("activation").value, "gelu_tanh");
  const auto by_tanh = [](const Node& node) { return node.is<Gelu>() && node.as<Gelu>().by_tanh; };
  EXPECT_EQ(std::count_if(model.graph.nodes.begin(), model.graph.nodes.end(), by_tanh), 2);
  expect_refused({"--set activation", "'swiglu'"}, set({{"activation", "swiglu"}}));
}

TEST_F(Variants, SigLipPoolsByAttention) {
  reference_weights("siglip");
  const Model model = read(two_heads());
  ASSERT_EQ(model.graph.outputs.size(), 1u);
  EXPECT_EQ(model.graph.outputs[0].name, "pooled");
  EXPECT_EQ(model.graph.outputs[0].kind, OutputKind::Features);
  EXPECT_EQ(model.graph.nodes[model.graph.outputs[0].node].cols, 24u);
  EXPECT_EQ(setting_of(model, "pooling"),
            "attention of a learnt query to the patches | shapes: there is a learnt query");
  EXPECT_EQ(setting_of(model, "activation"),
            "gelu_tanh | assumed: as SigLIP was trained, at most 5e-4 from gelu");
  EXPECT_EQ(model.graph.preprocessing.mean[2], 0.5f);
  EXPECT_EQ(model.graph.preprocessing.mode, ResizeMode::Exact);
  EXPECT_NE(setting_of(model, "mean").find("usual for SigLIP"), std::string::npos);

  write("config.json", timm_config("vit_base_patch16_siglip_224", "map"));
  EXPECT_EQ(setting_of(read(two_heads()), "activation"),
            "gelu | config.json: architecture \"vit_base_patch16_siglip_224\"");
  write("config.json", timm_config("vit_base_patch16_siglip_224", "avg"));
  expect_refused({"global_pool is avg", "have an attention pooling"}, two_heads());
  reference_weights("dino");
  write("config.json", timm_config("vit_small_patch16_224", "map"));
  expect_refused({"global_pool is map", "have no attention pooling"}, two_heads());
}

TEST_F(Variants, BothTowersOfSigLip) {
  reference_weights("hf_siglip");
  write("config.json", config("hf_siglip"));
  const Model model = read();
  EXPECT_EQ(setting_of(model, "activation"), "gelu_tanh | config.json: vision_config.hidden_act");
  EXPECT_EQ(setting_of(model, "heads"), "2 | config.json: vision_config.num_attention_heads");
  const Checkpoint whole = read_checkpoint(path("model.safetensors"));
  for (const auto& named : whole.tensors)
    if (named.first.rfind("vision_model.", 0) != 0)
      EXPECT_EQ(std::count(model.ignored.begin(), model.ignored.end(), named.first), 1)
          << named.first;
  // The image tower alone, as transformers 5 saves it.
  reference_weights("hf_siglip", [](Checkpoint& c) {
    std::map<std::string, CheckpointTensor> short_names;
    for (auto& [name, tensor] : c.tensors)
      if (name.rfind("vision_model.", 0) == 0) short_names[name.substr(13)] = tensor;
    c.tensors = short_names;
  });
  write("config.json", config("hf_siglip").at("vision_config"));
  EXPECT_EQ(read().graph.outputs[0].name, "pooled");
}

TEST_F(Variants, OtherPoolingHeadsAreRefused) {
  reference_weights("siglip", [](Checkpoint& c) {
    CheckpointTensor& latent = c.tensors.at("attn_pool.latent");
    latent.shape[1] = 2, latent.data.resize(48);
  });
  expect_refused({"has 2 queries"}, two_heads());
  reference_weights("siglip");
  expect_refused({"--set pooling", "pools by attention"},
                 set({{"heads", "2"}, {"pooling", "mean"}}));
  reference_weights("siglip", [](Checkpoint& c) { c.tensors.erase("attn_pool.kv.bias"); });
  EXPECT_NE(setting_of(read(two_heads()), "zero_biases").find("attn_pool.attn.kv"),
            std::string::npos);
  reference_weights("siglip", [](Checkpoint& c) { c.tensors.erase("attn_pool.mlp.fc2.weight"); });
  expect_refused({"attn_pool.mlp.fc2.weight is missing"}, two_heads());
  reference_weights("hf_siglip", [](Checkpoint& c) {
    c.tensors["classifier.weight"] = {{3, 24}, std::vector<float>(3 * 24)};
    c.tensors["classifier.bias"] = {{3}, std::vector<float>(3)};
  });
  write("config.json", config("hf_siglip"));
  expect_refused({"classifier", "mean of the patches"});
}

TEST_F(Variants, AClassifierReadsWhatIsPooled) {
  reference_weights("siglip", [](Checkpoint& c) {
    c.tensors["head.weight"] = {{3, 24}, std::vector<float>(3 * 24, 0.25f)};
    c.tensors["head.bias"] = {{3}, std::vector<float>(3, 1)};
  });
  const Model model = read(two_heads());
  EXPECT_EQ(model.graph.outputs[0].name, "logits");
  EXPECT_EQ(model.graph.classes(), 3u);
}

TEST_F(Variants, PositionsOfSigLipAreResampled) {
  reference_weights("siglip");
  ModelOptions options = two_heads();
  options.adapters.image_size = {32, 24};
  const Model model = read(options);
  EXPECT_EQ(model.graph.preprocessing.image_width, 32u);
  EXPECT_EQ(model.graph.preprocessing.image_height, 24u);
}

// The learnt query is the bias of a linear layer of four columns, and no matrix of its own.
TEST_F(Variants, InInt8) {
  reference_weights("siglip");
  const Model model = read(two_heads());
  for (const bool static_scales : {false, true}) {
    ConvertOptions options;
    options.static_scales = static_scales;
    const ConvertResult result = convert(
        model.checkpoint, model.graph, generated_pictures(model.graph.preprocessing), options, {});
    EXPECT_GT(result.logit_sqnr_db, 25);
    const schema::ProgramT program = unpack(result.file);
    bool found = false;
    for (const auto& step : program.steps)
      for (const auto& op : step->ops)
        if (op->name == "attn_pool.attn.q") {
          found = true;
          EXPECT_EQ(program.tensors[op->args.AsLinear()->src]->cols, 4u);
        }
    EXPECT_TRUE(found);
  }
}

// No tensor tells the heads; those of MoCo v3's ViT-S are half as wide as others of its width.
TEST_F(Variants, MocosSmallVitHasTwelveHeads) {
  RandomVit vit;
  vit.dim = 384, vit.depth = 1, vit.hidden = 8;
  const Checkpoint plain = make_checkpoint(vit);
  const auto heads = [&](const Checkpoint& checkpoint, const ModelOptions& options = {}) {
    write_safetensors(path("model.safetensors"), checkpoint, StoredDtype::F32);
    return setting_of(read(options), "heads");
  };
  EXPECT_EQ(heads(plain), "6 | assumed: 64 channels each are usual at a width of 384");
  Checkpoint pretrained = plain;
  pretrained.tensors.clear();
  for (const auto& [name, tensor] : plain.tensors)
    if (name.rfind("head.", 0) != 0) pretrained.tensors["module.base_encoder." + name] = tensor;
  EXPECT_EQ(heads(pretrained), "12 | assumed: MoCo v3's ViT-S has 12 heads");
  EXPECT_EQ(heads(pretrained, set({{"heads", "3"}})), "3 | --set heads");
  Checkpoint probe = plain;  // fixed positions, of which the class token's is zero
  std::vector<float>& positions = probe.tensors.at("pos_embed").data;
  std::fill_n(positions.begin(), 384, 0.0f);
  EXPECT_EQ(heads(probe),
            "12 | assumed: MoCo v3's ViT-S, whose class token has no position, has 12 heads");
  positions[383] = 1e-8f;
  EXPECT_EQ(heads(probe), "6 | assumed: 64 channels each are usual at a width of 384");
}

}  // namespace
}  // namespace vitro
