// SPDX-License-Identifier: Apache-2.0
#include "models/family.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "converter/base/error.h"

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

Said<float> epsilon_said(const FamilyOptions& options, const NamedValues& saved,
                         const Said<float>& usual) {
  const Said<float> said = settle(number_value(options.given, "epsilon", 1e-12f, 0.1f),
                                  options.config.epsilon, number_value(saved, "epsilon", 0, 0.1f));
  return said ? said : usual;
}

void refuse_adapters(const AdapterOptions& adapters, const std::string& models) {
  const auto refuse = [&models](const std::string& given, const char* option) {
    if (!given.empty()) throw InputError(option, "is not computed for " + models, "leave it out");
  };
  refuse(adapters.lora, "--lora");
  refuse(adapters.prompts, "--prompt-tokens");
}

void refuse_image_size(const AdapterOptions& adapters, const std::string& models) {
  if (adapters.image_size != PixelSize{})
    throw InputError(
        "--image-size",
        "is given, but " + models + " is computed at the size that it was trained for alone",
        "leave it out");
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

}  // namespace vitro::converter
