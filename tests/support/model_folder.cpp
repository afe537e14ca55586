// SPDX-License-Identifier: Apache-2.0
#include "tests/support/model_folder.h"

#include <cstdlib>
#include <fstream>

#include "converter/base/error.h"

namespace vitro {

using namespace converter;

void ModelFolderTest::hugging_face(const nlohmann::json& more, RandomVit vit) const {
  vit.names = NamingStyle::HuggingFace;
  write_checkpoint(path("model.safetensors"), vit);
  nlohmann::json config = {
      {"architectures", {"ViTForImageClassification"}},
      {"model_type", "vit"},
      {"hidden_size", vit.dim},
      {"num_hidden_layers", vit.depth},
      {"num_attention_heads", vit.heads},
      {"intermediate_size", 4 * vit.dim},
      {"hidden_act", "gelu"},
      {"layer_norm_eps", 1e-12},
      {"image_size",
       vit.image_width ? nlohmann::json({vit.image, vit.image_width}) : nlohmann::json(vit.image)},
      {"patch_size", vit.patch},
      {"num_channels", 3},
      {"qkv_bias", vit.qkv_bias}};
  config.merge_patch(more);
  write("config.json", config);
}

void ModelFolderTest::timm(const nlohmann::json& more, const RandomVit& vit) const {
  write_checkpoint(path("model.safetensors"), vit);
  nlohmann::json config = {
      {"architecture", "vit_tiny_patch4_16"},
      {"num_classes", vit.classes},
      {"num_features", vit.dim},
      {"global_pool", "token"},
      {"pretrained_cfg",
       {{"input_size", {3, vit.image, vit.image_width ? vit.image_width : vit.image}}}}};
  config.merge_patch(more);
  write("config.json", config);
}

void ModelFolderTest::reference_weights(const std::string& model,
                                        const std::function<void(Checkpoint&)>& change) const {
  Checkpoint checkpoint = read_checkpoint(reference(model) + "/model.safetensors");
  change(checkpoint);
  write_safetensors(path("model.safetensors"), checkpoint, StoredDtype::F32);
}

void ModelFolderTest::expect_refused(const std::vector<std::string>& words,
                                     const ModelOptions& options) const {
  try {
    read(options);
    ADD_FAILURE() << "accepted";
  } catch (const InputError& error) {
    for (const std::string& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos)
          << "'" << word << "' is not in: " << error.what();
  }
}

std::string setting_of(const Model& model, const std::string& name) {
  for (const Setting& setting : model.settings)
    if (setting.name == name) return setting.value + " | " + setting.source;
  return "";
}

}  // namespace vitro
