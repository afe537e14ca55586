// SPDX-License-Identifier: Apache-2.0
#include "models/config/hugging_face.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/config/shape.h"

namespace vitro::converter {

namespace {

// transformers' names of activations; null for what is not computed.
const char* computed_activation(const std::string& name) {
  for (const char* by_erf : {"gelu", "gelu_python"})
    if (name == by_erf) return "gelu";
  for (const char* by_tanh : {"gelu_pytorch_tanh", "gelu_new", "gelu_fast", "gelu_python_tanh"})
    if (name == by_tanh) return "gelu_tanh";
  return name == "quick_gelu" ? "quick_gelu" : nullptr;
}

Said<size_t> whole_of(const JsonObject& config, const char* key, size_t low) {
  if (!config.has(key)) return {};
  return {*config.whole(key, low, kMaxCount), config.source(key), false};
}

bool computes(const HuggingFaceType& type, const std::string& flag) {
  return std::find(type.computes.begin(), type.computes.end(), flag) != type.computes.end();
}

void check_computed(const JsonObject& config, const HuggingFaceType& type) {
  const auto channels = config.whole("num_channels", 1, kMaxCount);
  if (channels.value_or(3) != 3)
    config.refuse("num_channels", "is " + config.shown("num_channels") + ", not 3",
                  "give a model of RGB pictures");
  for (const char* key :
       {"use_swiglu_ffn", "use_relative_position_bias", "use_shared_relative_position_bias",
        "use_mean_pooling", "qk_norm", "use_qk_norm", "use_gated_mlp"})
    if (config.flag(key).value_or(false) && !computes(type, key))
      config.refuse(key, "is true, which vitro does not compute", kAnotherModel);
  for (const char* key : {"quantization_config", "rope_parameters", "rope_theta", "rope_scaling"})
    if (config.has(key) && !computes(type, key))
      config.refuse(key, "is " + config.shown(key) + ", which vitro does not compute",
                    kAnotherModel);
  if (config.is_null("use_query_residual") || !config.flag("use_query_residual").value_or(true))
    config.refuse("use_query_residual",
                  "is " + config.shown("use_query_residual") + ", which vitro does not compute",
                  kAnotherModel);
  if (config.has("attention_type") && config.shown("attention_type") == "\"space_only\"")
    config.refuse("attention_type", "is space_only, which vitro does not compute", kAnotherModel);
  if (config.is_object("pruned_heads") && !config.object("pruned_heads")->keys().empty())
    config.refuse("pruned_heads",
                  "is " + config.shown("pruned_heads") + ", which vitro does not compute",
                  kAnotherModel);
}

Said<std::string> activation_of(const JsonObject& config, const HuggingFaceType& type) {
  if (config.flag("use_swiglu_ffn").value_or(false))  // whose gate is SiLU, whatever hidden_act
    return {"swiglu", config.source("use_swiglu_ffn"), false};
  const auto name = config.text("hidden_act");
  if (config.flag("use_gated_mlp").value_or(false)) {
    if (name.value_or(type.activation) != "silu")
      config.refuse("use_gated_mlp",
                    "is true with another hidden_act than silu, which vitro does not compute",
                    kAnotherModel);
    return {"swiglu", config.source("use_gated_mlp"), false};
  }
  if (!name)
    return {computed_activation(type.activation), "assumed: transformers' default of hidden_act",
            true};
  const char* computed = computed_activation(*name);
  if (!computed)
    config.refuse("hidden_act",
                  "is " + config.shown("hidden_act") +
                      ", an activation that vitro does not compute (it computes gelu, by erf or by "
                      "tanh, and quick_gelu)",
                  "give a model with one of them");
  return {computed, config.source("hidden_act"), false};
}

// "vit", "deit" ...
std::string name_of_type(const JsonObject& config, const std::vector<HuggingFaceType>& types) {
  if (const auto type = config.text("model_type")) return *type;
  if (!config.has("architectures")) return "vit";
  const std::vector<std::string> names = *config.names("architectures");
  for (const std::string& name : names)
    for (const HuggingFaceType& type : types)
      if (name.rfind(type.architecture, 0) == 0) return type.name;
  return "";
}

// "ViTModel", "Dinov2Backbone": a config keeps the labels of the classifier that it once was of.
bool names_no_classifier(const JsonObject& config) {
  if (!config.has("architectures")) return false;
  const std::vector<std::string> names = *config.names("architectures");
  return std::none_of(names.begin(), names.end(), [](const std::string& name) {
    return name.find("Classification") != std::string::npos;
  });
}

const HuggingFaceType& type_of(const JsonObject& config,
                               const std::vector<HuggingFaceType>& types) {
  const std::string name = name_of_type(config, types);
  for (const HuggingFaceType& type : types)
    if (name == type.name) return type;
  const char* key = config.has("model_type") ? "model_type" : "architectures";
  config.refuse(key, "is " + config.shown(key) + ", a kind of model that vitro does not compute",
                kAnotherModel);
}

// What releases of old hold twice (vision_config and vision_config_dict) has to be the same.
JsonObject section_of(const JsonObject& file, const HuggingFaceType& type) {
  if (!type.section) return file;
  const auto section = file.object(type.section);
  if (!section)
    file.refuse(type.section, "is missing", "give the config.json that was saved with the weights");
  const std::string twin = std::string(type.section) + "_dict";
  if (const auto other = file.object(twin))
    for (const std::string& key : other->keys())
      if (other->shown(key) != section->shown(key))
        other->refuse(key,
                      "is " + other->shown(key) + ", but " + section->source(key) + " is " +
                          section->shown(key),
                      "correct one of them");
  return *section;
}

}  // namespace

bool is_hugging_face(const JsonObject& config) {
  for (const char* key : {"model_type", "architectures", "hidden_size", "num_attention_heads"})
    if (config.has(key)) return true;
  return false;
}

std::string image_processor_of(const JsonObject& config,
                               const std::vector<HuggingFaceType>& types) {
  return type_of(config, types).processor;
}

ModelConfig read_hugging_face(const JsonObject& file, const std::vector<HuggingFaceType>& types) {
  const HuggingFaceType& type = type_of(file, types);
  const JsonObject config = section_of(file, type);
  check_computed(config, type);
  ModelConfig out;
  for (const char* key : {"architectures", "model_type"})
    if (file.has(key)) out.model_type = {type.name, file.source(key), false};
  if (*type.pool) out.pool = {type.pool, std::string("transformers' ") + type.name, false};
  out.activation = activation_of(config, type);
  out.heads = whole_of(config, "num_attention_heads", 1);
  if (!out.heads) out.heads = whole_of(config, "num_self_attention_heads", 1);
  if (!out.heads) out.heads = {12, "assumed: transformers' default of num_attention_heads", true};
  out.epsilon = {type.epsilon,
                 std::string("assumed: transformers' default of layer_norm_eps for ") + type.name,
                 true};
  if (const auto epsilon = config.number("layer_norm_eps", 0, 0.1))
    out.epsilon = {static_cast<float>(*epsilon), config.source("layer_norm_eps"), false};
  out.width = whole_of(config, "hidden_size", 1);
  out.depth = whole_of(config, "num_hidden_layers", 1);
  if (!out.width) out.width = whole_of(config, "d_latents", 1);
  if (!out.depth) out.depth = whole_of(config, "num_self_attends_per_block", 1);
  out.mlp = whole_of(config, "intermediate_size", 1);
  if (config.has("mlp_ratio") && out.width) {
    const double hidden =
        *config.number("mlp_ratio", 0.01, 100) * static_cast<double>(out.width.value);
    out.mlp = {static_cast<size_t>(hidden), config.source("mlp_ratio"), false};
    if (out.activation.value == "swiglu")  // two thirds, rounded up to a multiple of 8
      out.mlp.value = (out.mlp.value * 2 / 3 + 7) / 8 * 8;
  }
  out.patch = patch_of(config);
  add_stages_of(config, out);
  out.image_size = sides_of(config, "image_size");
  out.repeats = whole_of(config, "num_blocks", 1);
  out.cross_heads = whole_of(config, "num_cross_attention_heads", 1);
  out.frames = whole_of(config, "num_frames", 1);
  if (const auto attention = config.text("attention_type"))
    out.attention_type = {*attention, config.source("attention_type"), false};
  out.registers = whole_of(config, "num_register_tokens", 0);
  if (!out.registers && !type.registers)
    out.registers = {0, std::string("the number of registers of model_type ") + type.name, false};
  if (config.has("rope_theta"))
    out.rope_theta = {static_cast<float>(*config.number("rope_theta", 1, 1e9)),
                      config.source("rope_theta"), false};
  if (const auto bias = config.flag("qkv_bias"))
    out.qkv_bias = {*bias, config.source("qkv_bias"), false};
  if (!type.classifies) {
    out.classes = whole_of(file.has("projection_dim") ? file : config, "projection_dim", 1);
  } else if (config.has("id2label")) {
    out.labels = {*config.names("id2label"), config.source("id2label"), false};
    out.classes = {out.labels.value.size(), out.labels.source, false};
  } else {
    out.classes = whole_of(config, "num_labels", 1);
  }
  out.headless = names_no_classifier(file);
  return out;
}

}  // namespace vitro::converter
