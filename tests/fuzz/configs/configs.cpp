// SPDX-License-Identifier: Apache-2.0
// JSON beside weights. The first byte says which; the files follow, separated by zero bytes:
//   'h', 't'  config.json, preprocessor_config.json of a model with Hugging Face's or timm's names
//   'i'       model.safetensors.index.json of a model in one shard
//   'a'       adapter_config.json
//   else      labels
#include "converter/base/error.h"
#include "models/adapters/lora_config.h"
#include "models/config/json_file.h"
#include "models/model.h"
#include "tests/fuzz/support/target.h"
#include "tests/support/make_checkpoint.h"

namespace vitro::fuzz {

namespace {

RandomVit small_vit(NamingStyle naming) {
  RandomVit vit;
  vit.dim = 16, vit.depth = 1, vit.heads = 1, vit.hidden = 16;
  vit.image = 8, vit.patch = 4, vit.classes = 2;
  vit.names = naming;
  return vit;
}

/// A folder with weights and no configuration.
class ModelFolder {
 public:
  ModelFolder(NamingStyle naming, const std::string& name) {
    write_checkpoint(folder_.path(name), small_vit(naming));
  }
  void read(const std::string& config, const std::string& processor) const {
    folder_.write("config.json", config);
    JsonObject::read(
        folder_.path("config.json"));  // so that weights are not read where this is not JSON
    processor.empty() ? folder_.remove("preprocessor_config.json")
                      : (void)folder_.write("preprocessor_config.json", processor);
    read_model(folder_.path(""), {});
  }
  void read_index(const std::string& index) const {
    read_model(folder_.write("model.safetensors.index.json", index), {});
  }

 private:
  Folder folder_;
};

void read(const std::string& input) {
  static const ModelFolder hugging_face(NamingStyle::HuggingFace, "model.safetensors");
  static const ModelFolder timm(NamingStyle::Timm, "model.safetensors");
  static const ModelFolder sharded(NamingStyle::Timm, "a.safetensors");
  static const Folder folder;
  if (input.empty()) return;
  const std::string rest = input.substr(1);
  const size_t zero = rest.find('\0');
  const std::string first = rest.substr(0, zero),
                    second = zero == std::string::npos ? "" : rest.substr(zero + 1);
  switch (input[0]) {
    case 'h': return hugging_face.read(first, second);
    case 't': return timm.read(first, second);
    case 'i': return sharded.read_index(rest);
    case 'a': read_lora_config(folder.write("adapter_config.json", rest)); return;
    default: read_json_labels(folder.write("labels.json", rest));
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  try {
    vitro::fuzz::read(vitro::fuzz::text_of(data, size));
  } catch (const vitro::InputError&) {
  }
  return 0;
}
