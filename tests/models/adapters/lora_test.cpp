// SPDX-License-Identifier: Apache-2.0
// LoRA adapters merged into a checkpoint. The formula is PEFT's: merge_and_unload() of peft 0.21
// gave the same logits, to 120 dB, for adapters of transformers' and timm's ViTs: plain,
// rank-stabilised, fused, convolutional and biased ones, with patterns.
#include "models/adapters/lora.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include <unistd.h>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/float/executor.h"
#include "models/vit/names.h"
#include "models/vit/vit.h"
#include "tests/support/make_checkpoint.h"

namespace vitro {

using namespace converter;

namespace {

namespace fs = std::filesystem;
using Tensors = std::map<std::string, TensorView>;
using nlohmann::json;

Tensors read_tensors(const Checkpoint& checkpoint) {
  return canonical_tensors(checkpoint, vit::naming());
}

CheckpointTensor numbers(const std::vector<size_t>& shape, float phase) {
  CheckpointTensor tensor{shape, {}};
  size_t n = 1;
  for (const size_t s : shape) n *= s;
  for (size_t i = 0; i < n; ++i) tensor.data.push_back(std::sin(static_cast<float>(i) + phase));
  return tensor;
}

class Lora : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("vitro_lora_" + std::to_string(::getpid()));
    fs::create_directories(folder_);
    config_ = {{"peft_type", "LORA"},
               {"r", 2},
               {"lora_alpha", 6},
               {"bias", "none"},
               {"target_modules", {"query"}},
               {"fan_in_fan_out", false}};
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(const std::string& module, size_t outputs, size_t inputs, size_t rank = 2) {
    weights_.tensors["base_model.model." + module + ".lora_A.weight"] =
        numbers({rank, inputs}, 0.3f);
    weights_.tensors["base_model.model." + module + ".lora_B.weight"] =
        numbers({outputs, rank}, 0.7f);
  }

  void write() const {
    std::ofstream(folder_ / "adapter_config.json") << config_;
    write_safetensors((folder_ / "adapter_model.safetensors").string(), weights_, StoredDtype::F32);
  }

  Tensors merged(const Checkpoint& base) const {
    write();
    Tensors tensors = read_tensors(base);
    merge_lora(read_lora(folder_.string()), vit::naming(), base.path, tensors);
    return tensors;
  }

  /// Expects that the tensor `canonical` was changed by the rows of the module's product from
  /// `first` on.
  void expect_change(const Tensors& before, const Tensors& after, const std::string& canonical,
                     const std::string& module, double scaling, size_t first = 0) const {
    const std::vector<float>& a =
        weights_.tensors.at("base_model.model." + module + ".lora_A.weight").data;
    const CheckpointTensor& b =
        weights_.tensors.at("base_model.model." + module + ".lora_B.weight");
    const size_t rank = b.shape[1], k = a.size() / rank, n = before.at(canonical).shape[0];
    for (size_t i = 0; i < n; ++i) {
      for (size_t c = 0; c < k; ++c) {
        double change = 0;
        for (size_t r = 0; r < rank; ++r)
          change += static_cast<double>(b.data[(first + i) * rank + r]) * a[r * k + c];
        ASSERT_FLOAT_EQ(after.at(canonical).data[i * k + c],
                        static_cast<float>(before.at(canonical).data[i * k + c] + scaling * change))
            << canonical;
      }
    }
  }

  void expect_refused(const Checkpoint& base, const std::string& fault) const {
    SCOPED_TRACE(fault);
    try {
      merged(base);
      ADD_FAILURE() << "accepted";
    } catch (const InputError& e) {
      EXPECT_NE(std::string(e.what()).find(fault), std::string::npos) << e.what();
    }
  }

  fs::path folder_;
  json config_;
  Checkpoint weights_;
};

TEST_F(Lora, AlphaOverRank) {
  const Checkpoint base = make_checkpoint({});
  const std::string module = "vit.encoder.layer.1.attention.attention.query";
  add(module, 64, 64);
  const Tensors before = read_tensors(base), after = merged(base);
  expect_change(before, after, "blocks.1.attn.q.weight", module, 3);
  for (const auto& [name, view] : before) {
    if (name != "blocks.1.attn.q.weight") EXPECT_EQ(after.at(name).data, view.data) << name;
  }
}

TEST_F(Lora, RankStabilisedWithPatterns) {
  const Checkpoint base = make_checkpoint({});
  config_["use_rslora"] = true;
  config_["rank_pattern"] = {{"fc1", 4}};
  config_["alpha_pattern"] = {{"^blocks.0.mlp.fc2", 5}, {"fc1", 7}};
  add("blocks.0.mlp.fc1", 256, 64, 4);
  add("blocks.0.mlp.fc2", 64, 256);
  add("blocks.1.mlp.fc2", 64, 256);
  const Tensors before = read_tensors(base), after = merged(base);
  expect_change(before, after, "blocks.0.mlp.fc1.weight", "blocks.0.mlp.fc1", 7 / 2.0);
  expect_change(before, after, "blocks.0.mlp.fc2.weight", "blocks.0.mlp.fc2", 5 / std::sqrt(2.0));
  expect_change(before, after, "blocks.1.mlp.fc2.weight", "blocks.1.mlp.fc2", 6 / std::sqrt(2.0));
}

TEST_F(Lora, FusedQkvPatchesAndBiases) {
  const Checkpoint base = make_checkpoint({});
  add("blocks.0.attn.qkv", 192, 64);
  weights_.tensors["base_model.model.blocks.0.attn.qkv.lora_B.bias"] = numbers({192}, 0.9f);
  weights_.tensors["base_model.model.patch_embed.proj.lora_A.default.weight"] =
      numbers({2, 3, 4, 4}, 0.3f);
  weights_.tensors["base_model.model.patch_embed.proj.lora_B.default.weight"] =
      numbers({64, 2, 1, 1}, 0.7f);
  weights_.tensors["base_model.model.blocks.1.attn.qkv.base_layer.bias"] = numbers({192}, 0.1f);
  config_["fan_in_fan_out"] = true;  // makes no difference to canonical tensors
  const Tensors before = read_tensors(base), after = merged(base);
  for (size_t part = 0; part < 3; ++part) {
    const std::string name = std::string("blocks.0.attn.") + "qkv"[part];
    expect_change(before, after, name + ".weight", "blocks.0.attn.qkv", 3, part * 64);
    for (size_t i = 0; i < 64; ++i) {
      EXPECT_FLOAT_EQ(after.at(name + ".bias").data[i],
                      before.at(name + ".bias").data[i] +
                          3 * std::sin(static_cast<float>(part * 64 + i) + 0.9f));
      EXPECT_EQ(after.at(std::string("blocks.1.attn.") + "qkv"[part] + ".bias").data[i],
                std::sin(static_cast<float>(part * 64 + i) + 0.1f));
    }
  }
  const std::vector<float>&a =
            weights_.tensors["base_model.model.patch_embed.proj.lora_A.default.weight"].data,
        &b = weights_.tensors["base_model.model.patch_embed.proj.lora_B.default.weight"].data;
  const std::string patches = "patch_embed.proj.weight";
  for (const size_t i : {0u, 17u, 63u}) {
    for (const size_t c : {0u, 5u, 47u}) {
      EXPECT_NEAR(
          after.at(patches).data[i * 48 + c],
          before.at(patches).data[i * 48 + c] + 3 * (b[i * 2] * a[c] + b[i * 2 + 1] * a[48 + c]),
          1e-6);
    }
  }
}

TEST_F(Lora, ANewHeadTakesTheOldOnesPlace) {
  RandomVit vit;
  vit.distillation = true;
  const Checkpoint base = make_checkpoint(vit);
  add("deit.encoder.layer.0.output.dense", 64, 256);
  weights_.tensors["base_model.model.classifier.modules_to_save.default.weight"] =
      numbers({3, 64}, 0);
  weights_.tensors["base_model.model.classifier.original_module.weight"] = numbers({10, 64}, 0);
  Tensors after = merged(base);
  EXPECT_EQ(after.at("head.weight").shape, (std::vector<size_t>{3, 64}));
  EXPECT_EQ(
      after.count("head.bias") + after.count("head_dist.weight") + after.count("head_dist.bias"),
      0u);
  const Graph graph = vit::build_vit(base.path, after);
  EXPECT_EQ(graph.classes(), 3u);
  EXPECT_EQ(FloatExecutor(graph).run(std::vector<uint8_t>(16 * 16 * 3).data()).front().size(), 3u);
}

// PEFT saves the base's bias where it was trained, too, and lora_B's comes on top of it.
TEST_F(Lora, ABiasThatWasTrainedAndChanged) {
  const Checkpoint base = make_checkpoint({});
  add("blocks.0.mlp.fc2", 64, 256);
  weights_.tensors["base_model.model.blocks.0.mlp.fc2.base_layer.bias"] = numbers({64}, 0.1f);
  weights_.tensors["base_model.model.blocks.0.mlp.fc2.lora_B.bias"] = numbers({64}, 0.9f);
  const Tensors after = merged(base);
  for (size_t i = 0; i < 64; ++i)
    EXPECT_NEAR(after.at("blocks.0.mlp.fc2.bias").data[i],
                std::sin(static_cast<float>(i) + 0.1f) + 3 * std::sin(static_cast<float>(i) + 0.9f),
                1e-6);
}

// timm's distilled DeiT, and transformers' with teacher, answer with the mean of both heads.
TEST_F(Lora, ANewHeadBesideADistillationHead) {
  RandomVit vit;
  vit.distillation = true;
  const Checkpoint base = make_checkpoint(vit);
  for (const std::string head : {"head", "cls_classifier"}) {
    weights_ = {};
    weights_.tensors["base_model.model." + head + ".weight"] = numbers({10, 64}, 0);
    const Tensors before = read_tensors(base), after = merged(base);
    EXPECT_EQ(after.at("head.weight").data[5], std::sin(5.f)) << head;
    EXPECT_EQ(after.at("head_dist.weight").data, before.at("head_dist.weight").data) << head;
    weights_.tensors["base_model.model." + head + ".weight"] = numbers({3, 64}, 0);
    expect_refused(base, "has a head of 3 classes and no distillation head");
  }
}

TEST_F(Lora, AnotherModelIsRefusedByBothValues) {
  const Checkpoint base = make_checkpoint({});
  add("vit.encoder.layer.0.attention.attention.query", 96, 96);
  expect_refused(base,
                 "changes 'vit.encoder.layer.0.attention.attention.query' of shape [96, 96], which "
                 "in random is [64, 64]");
  weights_ = {};
  add("vit.encoder.layer.7.attention.attention.query", 64, 64);
  expect_refused(
      base, "changes 'vit.encoder.layer.7.attention.attention.query', which random does not have");
  weights_ = {};
  add("model.layers.0.self_attn.q_proj", 64, 64);
  expect_refused(
      base,
      "changes 'model.layers.0.self_attn.q_proj.weight', which a plain ViT or DeiT does not have");
  weights_ = {};
  weights_.tensors["base_model.model.norm.bias"] = numbers({63}, 0);
  expect_refused(base, "replaces 'norm.bias' by one of shape [63], which in random is [64]");
  weights_ = {};
  add("encoder.blocks.0.attn.proj", 64, 64), add("decoder.blocks.0.attn.proj", 64, 64);
  expect_refused(base, "changes blocks of two models");
}

TEST_F(Lora, DamageIsRefused) {
  const Checkpoint base = make_checkpoint({});
  const std::string module = "blocks.0.attn.proj",
                    a = "base_model.model." + module + ".lora_A.weight",
                    b = "base_model.model." + module + ".lora_B.weight";
  const struct {
    const char* fault;
    std::function<void()> damage;
  } kCases[] = {
      {"has only one of lora_A and lora_B", [&] { weights_.tensors.erase(b); }},
      {"which do not fit each other",
       [&] {
         weights_.tensors[b] = numbers({64, 3}, 0);
       }},
      {"which do not fit each other", [&] { weights_.tensors[a] = numbers({64}, 0); }},
      {"says a rank of 2 for 'blocks.0.attn.proj', whose lora_A is [3, 64]",
       [&] {
         weights_.tensors[a] = numbers({3, 64}, 0), weights_.tensors[b] = numbers({64, 3}, 0);
       }},
      {"makes numbers of 'blocks.0.attn.proj' that float32 cannot hold",
       [&] {
         weights_.tensors[a].data.assign(weights_.tensors[a].data.size(), 3e38f),
             weights_.tensors[b].data.assign(weights_.tensors[b].data.size(), -3e38f);
       }},
      {"holds two adapters, 'default' and 'b'",
       [&] {
         weights_.tensors["base_model.model." + module + ".lora_A.default.weight"] =
             weights_.tensors[a];
         weights_.tensors["base_model.model." + module + ".lora_B.b.weight"] = weights_.tensors[b];
         weights_.tensors.erase(a), weights_.tensors.erase(b);
       }},
      {"is not of plain LoRA",
       [&] {
         weights_.tensors["base_model.model." + module + ".lora_magnitude_vector"] =
             numbers({64}, 0);
       }},
      {"is not of plain LoRA",
       [&] { weights_.tensors["base_model.model.x.lora_embedding_A"] = numbers({64}, 0); }},
      {"x?y.lora_embedding_A' is not of plain LoRA",  // a mark that turns text around
       [&] { weights_.tensors["base_model.model.x\u202ey.lora_embedding_A"] = numbers({64}, 0); }},
      {"holds no tensors of an adapter",
       [&] {
         weights_ = {},
         weights_.tensors["base_model.model.norm.original_module.bias"] = numbers({64}, 0);
       }},
      {"twice, with different numbers",
       [&] {
         weights_.tensors["base_model.model.norm.bias"] = numbers({64}, 0),
         weights_.tensors["base_model.model.norm.modules_to_save.bias"] = numbers({64}, 1);
       }},
      {"peft_type is \"IA3\"", [&] { config_["peft_type"] = "IA3"; }},
      {"says no peft_type", [&] { config_.erase("peft_type"); }},
      {"use_dora is true", [&] { config_["use_dora"] = true; }},
      {"init_lora_weights is \"pissa_niter_4\", which changes the base's weights",
       [&] { config_["init_lora_weights"] = "pissa_niter_4"; }},
      {"layer_replication is [[0,1]], which vitro does not know",
       [&] {
         config_["layer_replication"] = {{0, 1}};
       }},
      {"alpha_pattern.blocks\\..* is a regular expression",
       [&] {
         config_["alpha_pattern"] = {{"blocks\\..*", 3}};
       }},
      {"r is missing", [&] { config_.erase("r"); }},
      {"lora_alpha is missing", [&] { config_.erase("lora_alpha"); }},
  };
  for (const auto& damaged : kCases) {
    SetUp();
    weights_ = {};
    add(module, 64, 64);
    damaged.damage();
    expect_refused(base, damaged.fault);
  }
  EXPECT_THROW(read_lora((folder_ / "adapter_config.json").string()), InputError);
  fs::remove(folder_ / "adapter_model.safetensors");
  EXPECT_THROW(read_lora(folder_.string()), InputError);
  fs::remove(folder_ / "adapter_config.json");
  EXPECT_THROW(read_lora(folder_.string()), InputError);
}

}  // namespace
}  // namespace vitro
