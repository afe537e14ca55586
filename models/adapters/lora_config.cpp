// SPDX-License-Identifier: Apache-2.0
#include "models/adapters/lora_config.h"

#include <set>

#include "converter/base/error.h"
#include "models/config/json_file.h"

namespace vitro::converter {
namespace {

constexpr char kMerge[] = "merge it with PEFT's merge_and_unload() and give the merged model";
constexpr size_t kLargestRank = 65536;

// What does not decide how the saved tensors are merged.
const std::set<std::string> kWithoutEffect = {"task_type",
                                              "auto_mapping",
                                              "peft_version",
                                              "base_model_name_or_path",
                                              "revision",
                                              "inference_mode",
                                              "target_modules",
                                              "exclude_modules",
                                              "lora_dropout",
                                              "fan_in_fan_out",
                                              "bias",
                                              "modules_to_save",
                                              "layers_pattern",
                                              "layers_to_transform",
                                              "megatron_core",
                                              "qalora_group_size",
                                              "runtime_config",
                                              "ensure_weight_tying",
                                              "lora_bias",
                                              "eva_config",
                                              "peft_type",
                                              "r",
                                              "lora_alpha",
                                              "use_rslora",
                                              "rank_pattern",
                                              "alpha_pattern",
                                              "init_lora_weights"};

// Of lora_A and lora_B alone; the base stays what it is.
const std::set<std::string> kHarmlessInitialisations = {"true",    "false",          "\"gaussian\"",
                                                        "\"eva\"", "\"orthogonal\"", "null"};

std::map<std::string, double> patterns(const JsonObject& config, const std::string& key,
                                       double low) {
  std::map<std::string, double> out;
  const auto object = config.object(key);
  if (!object) return out;
  for (const std::string& pattern : object->keys()) {
    if (pattern.find_first_of("()[]{}*+?|\\$") != std::string::npos)
      object->refuse(pattern, "is a regular expression, which vitro does not match", kMerge);
    if (const auto value = object->number(pattern, low, 1e6)) out[pattern] = *value;
  }
  return out;
}

bool is_empty(const std::string& shown) {
  return shown == "null" || shown == "false" || shown == "{}" || shown == "[]";
}

}  // namespace

LoraConfig read_lora_config(const std::string& path) {
  const JsonObject config = JsonObject::read(path);
  const std::string type = config.text("peft_type").value_or("");
  if (type.empty())
    throw InputError(path, "says no peft_type", "give the folder of a PEFT adapter (--lora DIR)");
  if (type != "LORA")
    config.refuse("peft_type",
                  "is " + config.shown("peft_type") + ", where vitro merges LORA alone", kMerge);
  if (config.flag("use_dora").value_or(false))
    config.refuse("use_dora", "is true: DoRA is not plain LoRA", kMerge);
  if (kHarmlessInitialisations.count(config.shown("init_lora_weights")) == 0)
    config.refuse(
        "init_lora_weights",
        "is " + config.shown("init_lora_weights") + ", which changes the base's weights, too",
        kMerge);
  for (const std::string& key : config.keys()) {
    if (kWithoutEffect.count(key) == 0 && !is_empty(config.shown(key)))
      config.refuse(key, "is " + config.shown(key) + ", which vitro does not know", kMerge);
  }
  LoraConfig out;
  out.path = path;
  const auto rank = config.whole("r", 1, kLargestRank);
  const auto alpha = config.number("lora_alpha", -1e6, 1e6);
  if (!rank || !alpha)
    config.refuse(rank ? "lora_alpha" : "r", "is missing", "copy the adapter again");
  out.rank = *rank;
  out.alpha = *alpha;
  out.rank_stabilised = config.flag("use_rslora").value_or(false);
  out.ranks = patterns(config, "rank_pattern", 1);
  out.alphas = patterns(config, "alpha_pattern", -1e6);
  return out;
}

double by_pattern(const std::map<std::string, double>& patterns, const std::string& module,
                  double otherwise) {
  for (const auto& [pattern, value] : patterns) {
    const bool whole = !pattern.empty() && pattern[0] == '^';
    const std::string name = pattern.substr(whole ? 1 : 0);
    if (module == name) return value;
    if (!whole && module.size() > name.size() &&
        module.compare(module.size() - name.size() - 1, std::string::npos, "." + name) == 0)
      return value;
  }
  return otherwise;
}

}  // namespace vitro::converter
