// SPDX-License-Identifier: Apache-2.0
// The family of plain ViTs, as the list of families sees it.
#include "models/family.h"

#include "converter/base/error.h"
#include "models/heads.h"
#include "models/vit/agreement.h"
#include "models/vit/biases.h"
#include "models/vit/config.h"
#include "models/vit/names.h"
#include "models/vit/timm_architectures.h"
#include "models/vit/vit.h"

namespace vitro::converter {
namespace {

using Views = std::map<std::string, TensorView>;

// A name like vit_tiny is given to models of other widths, too.
void forget_heads_of_another_width(const Views& tensors, ModelConfig& config) {
  const auto patches = tensors.find("patch_embed.proj.weight");
  if (config.heads_at_width && (patches == tensors.end() || patches->second.shape.empty() ||
                                patches->second.shape[0] != config.heads_at_width))
    config.heads = {};
}

// Biases that no tensor gives count as zeros. Where the config says so, nothing is assumed.
void add_absent_biases(const std::vector<std::string>& absent, const ModelConfig& config,
                       FamilyModel& model) {
  std::string list;
  for (const std::string& part : absent) {
    if (part == "attn.qkv" && config.qkv_bias) continue;
    list += (list.empty() ? "" : ", ") + part;
  }
  if (!list.empty())
    model.settings.push_back({"zero_biases", list, "assumed: there are no such tensors", true});
}

// An option that contradicts what the model's own files say counts, and is named.
template <typename T>
void warn(const Said<T>& option, const Said<T>& config, std::string (*text)(T),
          FamilyModel& model) {
  if (option && config && !config.assumed && text(option.value) != text(config.value))
    model.warnings.push_back(option.source + " is " + text(option.value) + ", but " +
                             config.source + " says " + text(config.value));
}

std::string number(size_t value) { return std::to_string(value); }
std::string number(float value) { return text_of(value); }

Said<Pooling> pooling_of(const FamilyOptions& options, const NamedValues& saved) {
  const std::vector<std::string> words = {"token", "mean"};
  const Said<std::string> given = word_value(options.given, "pooling", words),
                          kept = word_value(saved, "pooling", words);
  const Said<std::string> pool = settle(given, options.config.pool, kept);
  if (!pool) return {};
  return {pool.value == "token" ? Pooling::Token : Pooling::Mean, pool.source, false};
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyModel model;
  ModelConfig config = options.config;
  NamesReport names;
  Views tensors = canonical_tensors(checkpoint, vit_naming(), &names);
  add_names(checkpoint, names, model);
  const Adapted adapted =
      apply_adapters(options.adapters, checkpoint, vit_naming(), tensors, model.settings);
  if (adapted.new_head) config.classes = {}, model.own_classes = false;
  const NamedValues saved = options.saved(adapted.sha256);

  forget_heads_of_another_width(tensors, config);
  if (names.heads) {
    const Said<size_t> shown{names.heads, "shape of the first query", false};
    if (!config.heads.assumed) check_agreement(options.config_path, config.heads, shown);
    config.heads = shown;
  }
  const Said<size_t> heads_given = whole_value(options.given, "heads", 1, 1024);
  const Said<float> epsilon_given = number_value(options.given, "epsilon", 1e-12f, 0.1f);
  const Said<size_t> heads =
      settle(heads_given, config.heads, whole_value(saved, "heads", 1, 65536));
  Said<float> epsilon =
      settle(epsilon_given, config.epsilon, number_value(saved, "epsilon", 0, 0.1f));
  warn<size_t>(heads_given, config.heads, number, model);
  warn<float>(epsilon_given, config.epsilon, number, model);
  const Said<Pooling> pooling = pooling_of(options, saved);

  VitOptions vit;
  if (!epsilon) epsilon = {vit.epsilon, "assumed: usual for a ViT", true};
  vit.heads = heads.value;
  vit.epsilon = epsilon.value;
  vit.pooling = pooling.value;
  vit.image_size = options.adapters.image_size;
  vit.trained_size = config.image_size.value;
  vit.prompts = adapted.prompts;
  VitConfig built;
  add_absent_biases(
      absent_biases(checkpoint.path, tensors, adapted.new_head ? "timm" : names.spelling), config,
      model);
  model.graph = build_vit(checkpoint.path, tensors, vit, &built);
  if (built.pool == VitPool::None && options.given.count("pooling"))
    throw InputError(pooling.source, "is given, but the model has no classifier", "leave it out");
  if (names.spelling == "Hugging Face" && built.positioned < built.class_tokens)
    throw InputError(checkpoint.path,
                     "has positions for the patches alone, and models with these names have them "
                     "for the class token too",
                     "give a complete checkpoint");
  if (!options.config_path.empty())
    check_agreement(options.config_path, config, built, tensors.count("blocks.0.attn.q.bias") > 0);

  for (Setting& setting : shape_settings(pooling.source, built)) {
    if (setting.name == "image_size" && vit.image_size != PixelSize{})
      setting = {setting.name, setting_of(vit.image_size),
                 "--image-size; trained for " + setting.value, false};
    model.settings.push_back(std::move(setting));
  }
  if (!built.norm_bias)
    model.settings.push_back({"norm", "LayerNorm without bias",
                              "assumed: not an RMSNorm, which has the same tensors", true});
  model.settings.push_back(heads_setting(heads, built.heads, built.dim));
  model.settings.push_back({"epsilon", text_of(epsilon.value), epsilon.source, epsilon.assumed});
  const Said<std::string> activation =
      config.activation ? config.activation
                        : Said<std::string>{"gelu", "assumed: usual for a ViT", true};
  model.settings.push_back({"activation", activation.value, activation.source, activation.assumed});
  model.image_size_from = "by its position embeddings";
  model.values["heads"] = {std::to_string(built.heads), model.settings.end()[-3].source, false};
  model.values["epsilon"] = {text_of(epsilon.value), epsilon.source, false};
  if (options.given.count("pooling")) model.values["pooling"] = options.given.at("pooling");
  return model;
}

}  // namespace

const Family& vit_family() {
  static const Family family{
      "vit",
      "plain pre-norm ViTs: ViT, DeiT, DeiT-III, DINO, DINOv2, MAE, MoCo v3",
      {{"heads", "attention heads"},
       {"epsilon", "epsilon of every LayerNorm"},
       {"pooling", "what the classifier reads: token (the class token) or mean (of the patches)"}},
      {{"vit", "ViTFor", 1e-12f, "token", false},
       {"deit", "DeiTFor", 1e-12f, "token", false, "DeiTImageProcessor"},
       {"vit_msn", "ViTMSNFor", 1e-6f, "token", false},
       {"dinov2", "Dinov2For", 1e-6f, "", false, "BitImageProcessor"},
       {"dinov2_with_registers", "Dinov2WithRegistersFor", 1e-6f, "", true, "BitImageProcessor"}},
      timm_vit,
      "plain vit_*, deit*_* and flexivit_*",
      vit_naming,
      build};
  return family;
}

}  // namespace vitro::converter
