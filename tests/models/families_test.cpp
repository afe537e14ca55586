// SPDX-License-Identifier: Apache-2.0
// The list of families: to which of them a checkpoint belongs, and the settings of each.
#include "models/families.h"

#include <set>

#include <gtest/gtest.h>

#include "converter/base/error.h"
#include "tests/support/model_folder.h"

namespace vitro {

using namespace converter;

namespace {

class Families : public ModelFolderTest {
 protected:
  static ModelOptions set(const std::string& name, const std::string& value) {
    ModelOptions options;
    options.settings[name] = said(value, "--set " + name);
    return options;
  }
};

TEST_F(Families, HaveNamesOfTheirOwn) {
  std::set<std::string> names;
  for (const Family* family : all_families()) {
    EXPECT_TRUE(names.insert(family->name).second) << family->name;
    EXPECT_FALSE(std::string(family->models).empty()) << family->name;
    EXPECT_FALSE(family->naming().spellings.empty()) << family->name;
  }
  EXPECT_STREQ(all_families()[0]->name, "vit");
}

TEST_F(Families, ACheckpointIsOfOne) {
  for (const NamingStyle names : {NamingStyle::Timm, NamingStyle::HuggingFace}) {
    RandomVit vit;
    vit.names = names;
    EXPECT_STREQ(family_of(make_checkpoint(vit)).name, "vit");
  }
}

// An EVA-02 whose queries have no biases, or a DINOv3 with learnt positions, has the tensors of a
// ViT, and timm rotates its queries and keys.
TEST_F(Families, AnArchitectureIsOfTheTensorsFamily) {
  for (const auto& [architecture, family] :
       {std::pair("eva02_tiny_patch14_224.mim_in22k", "eva02"),
        std::pair("vit_small_patch16_dinov3", "dinov3"), std::pair("beit_base_patch16_224", "beit"),
        std::pair("mixer_s32_224", "mlp_mixer")}) {
    timm({{"architecture", architecture}});
    expect_refused({"config.json: architecture says " +
                        std::string(architecture).substr(0, std::string(architecture).find('.')),
                    std::string("of the family ") + family, "the tensors are those of vit"});
  }
  reference_weights("timm_clip");  // vit_*, with a norm before its blocks
  EXPECT_TRUE(timm_architecture("vit_base_patch32_clip_224").known);
  write("config.json", {{"architecture", "vit_base_patch32_clip_224"},
                        {"pretrained_cfg", {{"input_size", {3, 16, 16}}}},
                        {"model_args", {{"num_heads", 2}}}});
  EXPECT_STREQ(family_of(read().checkpoint).name, "clip");
}

TEST_F(Families, UnknownSettingsAreRefusedWithThoseThatThereAre) {
  hugging_face();
  expect_refused(
      {"--set depth", "is no setting of the family", "vit", "heads, epsilon, pooling, activation"},
      set("depth", "3"));
  expect_refused({"--set heads", "'two'", "whole number from 1 to 1024"}, set("heads", "two"));
  expect_refused({"--set heads", "'0'"}, set("heads", "0"));
  expect_refused({"--set heads", "'1025'"}, set("heads", "1025"));
  expect_refused({"--set epsilon", "'1e-6x'", "give a number from 1e-12 to 0.1"},
                 set("epsilon", "1e-6x"));
  expect_refused({"--set epsilon", "'0.2'"}, set("epsilon", "0.2"));
  expect_refused({"--set epsilon", "'nan'"}, set("epsilon", "nan"));
  expect_refused({"--set pooling", "'max'", "give token or mean"}, set("pooling", "max"));
}

TEST_F(Families, SettingsCountBeforeTheModelsOwnFiles) {
  hugging_face();  // has a class token, which the head reads, by the config
  EXPECT_EQ(setting_of(read(), "pooling"), "class token | transformers' vit");
  const Model model = read(set("pooling", "mean"));
  EXPECT_EQ(setting_of(model, "pooling"), "mean of the patches | --set pooling");
  EXPECT_EQ(model.family_values.at("pooling").value, "mean");

  const Model given = read(set("epsilon", "1e-4"));
  EXPECT_EQ(setting_of(given, "epsilon"), "0.0001 | --set epsilon");
  EXPECT_EQ(given.family_values.at("epsilon").value, "0.0001");
  EXPECT_EQ(given.family_values.at("heads").value, "1");
  EXPECT_EQ(given.family_values.count("pooling"), 0u);
}

}  // namespace
}  // namespace vitro
