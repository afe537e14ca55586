// SPDX-License-Identifier: Apache-2.0
#include "models/family.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "converter/base/error.h"
#include "models/heads.h"

namespace vitro::converter {
namespace {

[[noreturn]] void refuse(const Said<std::string>& said, const std::string& remedy) {
  throw InputError(said.source, "is " + in_quotes(said.value), remedy);
}

}  // namespace

Said<size_t> whole_value(const NamedValues& values, const char* name, size_t low, size_t high) {
  const auto at = values.find(name);
  if (at == values.end()) return {};
  const Said<std::string>& said = at->second;
  const bool digits = !said.value.empty() && said.value.size() < 10 &&
                      said.value.find_first_not_of("0123456789") == std::string::npos;
  const size_t value = digits ? std::stoul(said.value) : 0;
  if (!digits || value < low || value > high)
    refuse(said, "give a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return {value, said.source, said.assumed};
}

Said<float> number_value(const NamedValues& values, const char* name, float low, float high) {
  const auto at = values.find(name);
  if (at == values.end()) return {};
  const Said<std::string>& said = at->second;
  std::istringstream in(said.value);
  double value = 0;
  if (!(in >> value) || !in.eof() || !(static_cast<float>(value) >= low) ||
      !(static_cast<float>(value) <= high))
    refuse(said, "give a number from " + text_of(low) + " to " + text_of(high));
  return {static_cast<float>(value), said.source, said.assumed};
}

Said<std::string> word_value(const NamedValues& values, const char* name,
                             const std::vector<std::string>& words) {
  const auto at = values.find(name);
  if (at == values.end()) return {};
  if (std::find(words.begin(), words.end(), at->second.value) != words.end()) return at->second;
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "" : " or ") + word;
  refuse(at->second, "give " + list);
}

void FamilyModel::show(const char* name, const Said<std::string>& value) {
  settings.push_back({name, value.value, value.source, value.assumed});
}

void FamilyModel::keep(const char* name, const Said<std::string>& value) {
  show(name, value);
  values[name] = {value.value, value.source, false};
}

void FamilyModel::keep(const char* name, const Said<size_t>& value) {
  keep(name, Said<std::string>{std::to_string(value.value), value.source, value.assumed});
}

void FamilyModel::keep_epsilon(const Said<float>& epsilon) {
  keep("epsilon", Said<std::string>{text_of(epsilon.value), epsilon.source, epsilon.assumed});
}

void FamilyModel::keep_heads(const Said<size_t>& said, size_t heads, size_t width) {
  const Setting setting = heads_setting(said, heads, width);
  keep("heads", Said<std::string>{setting.value, setting.source, setting.assumed});
}

void FamilyModel::show(const ModelShapes& shapes) {
  for (Setting& setting : shape_settings(shapes)) settings.push_back(std::move(setting));
}

void add_names(const Checkpoint& checkpoint, const NamesReport& names, FamilyModel& model) {
  model.settings.push_back(
      {"names", names.spelling + (names.prefix.empty() ? "" : ", prefix " + names.prefix),
       "names of the tensors", false});
  if (!checkpoint.chosen.empty())
    model.settings.push_back({"weights", checkpoint.chosen, "keys of the file", false});
  if (!names.chosen.empty())
    model.settings.push_back({"weights", names.chosen, "prefixes of the tensors", false});
  if (!names.head.empty())
    model.settings.push_back({"head", names.head, "the one linear layer beside the trunk", true});
  model.ignored = names.ignored;
}

FamilyStart::FamilyStart(const Checkpoint& checkpoint, const FamilyOptions& given,
                         const Naming& naming, std::string of_models)
    : options(given),
      models(std::move(of_models)),
      views(canonical_tensors(checkpoint, naming, &names)),
      saved(given.saved(checkpoint.sha256)) {
  add_names(checkpoint, names, model);
}

void FamilyStart::refuse_adapters(const std::string& named) const {
  const std::string& of = named.empty() ? models : named;
  const auto refuse = [&of](const std::string& given, const char* option) {
    if (!given.empty()) throw InputError(option, "is not computed for " + of, "leave it out");
  };
  refuse(options.adapters.lora, "--lora");
  refuse(options.adapters.prompts, "--prompt-tokens");
}

void FamilyStart::refuse_image_size(const std::string& named) const {
  if (options.adapters.image_size != PixelSize{})
    throw InputError("--image-size",
                     "is given, but " + (named.empty() ? models : named) +
                         " is computed at the size that it was trained for alone",
                     "leave it out");
}

Said<float> FamilyStart::epsilon(float usual) const {
  const Said<float> said = settle(number_value(options.given, "epsilon", 1e-12f, 0.1f),
                                  options.config.epsilon, number_value(saved, "epsilon", 0, 0.1f));
  return said ? said : Said<float>{usual, "assumed: usual for " + models, true};
}

Said<size_t> FamilyStart::heads() const {
  return settle(whole_value(options.given, "heads", 1, 1024), options.config.heads,
                whole_value(saved, "heads", 1, 65536));
}

Said<std::string> FamilyStart::activation() const {
  if (options.config.activation) return options.config.activation;
  return {"gelu", "assumed: usual for " + models, true};
}

Said<std::string> FamilyStart::only_gelu() const {
  Said<std::string> said = activation();
  if (said.value != "gelu")
    throw InputError(said.source, "is " + said.value + ", and " + models + " has gelu",
                     "give files that belong together");
  return said;
}

TimmArchitecture not_in_timm(const std::string&) { return {}; }

}  // namespace vitro::converter
