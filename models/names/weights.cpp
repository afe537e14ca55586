// SPDX-License-Identifier: Apache-2.0
#include "models/names/weights.h"

#include <algorithm>
#include <tuple>

#include "converter/base/error.h"

namespace vitro::converter {
namespace {

constexpr size_t kMaxSets = 16;

// What is evaluated, and what only teaches or is taught.
constexpr const char* kFirst[] = {
    "teacher", "ema", "model_ema", "ema_model", "module_ema", "averaged_model", "swa_model"};
constexpr const char* kLast[] = {"student",          "target",    "target_encoder",
                                 "momentum_encoder", "encoder_k", "key_encoder"};

bool has_word(const std::string& prefix, const std::string& word) {
  return starts_with(prefix, word + ".") || prefix.find("." + word + ".") != std::string::npos;
}

int rank(const std::string& prefix) {
  const auto has = [&](const char* word) { return has_word(prefix, word); };
  if (std::any_of(std::begin(kFirst), std::end(kFirst), has)) return 0;
  return std::any_of(std::begin(kLast), std::end(kLast), has) ? 2 : 1;
}

bool has_head(const Checkpoint& checkpoint, const Naming& naming, const std::string& prefix) {
  const std::vector<std::string> outer = prefixes_of(prefix);
  for (const auto& named : checkpoint.tensors) {
    const std::string_view name = named.first;
    for (const std::string& start : outer) {
      if (starts_with(name, start) &&
          look_up_head(name.substr(start.size()), naming.heads).canonical == "head.weight")
        return true;
    }
  }
  return false;
}

std::string shown(const WeightsSet& set) {
  return set.prefix.empty() ? "those without a prefix" : in_quotes(set.prefix + "*");
}

}  // namespace

std::vector<WeightsSet> find_weights(const Checkpoint& checkpoint, const Naming& naming) {
  std::vector<WeightsSet> sets;
  for (const auto& named : checkpoint.tensors) {
    const std::string& name = named.first;
    for (const Spelling* spelling : naming.spellings) {
      if (!ends_with(name, spelling->patches)) continue;
      const std::string prefix =
          name.substr(0, name.size() - std::string(spelling->patches).size());
      const bool ends_at_separator = prefix.empty() || prefix.back() == '.' || prefix.back() == '/';
      if (ends_at_separator && prefixes_of(name.substr(0, prefix.size())).back() == prefix)
        sets.push_back({spelling, prefix});
    }
  }
  return sets;
}

ChosenWeights choose_weights(const Checkpoint& checkpoint, const Naming& naming) {
  std::vector<WeightsSet> sets = find_weights(checkpoint, naming);
  if (sets.empty()) {
    const Recognition nearest = recognise_names(checkpoint, naming);
    throw InputError(
        checkpoint.path,
        nearest.known == 0 ? std::string("is not ") + naming.model : nearest.lacks + " is missing",
        "save the whole model");
  }
  if (sets.size() > kMaxSets) {
    throw InputError(checkpoint.path, "holds " + std::to_string(sets.size()) + " models",
                     "save the one that is to be converted alone");
  }
  if (!checkpoint.state.empty()) {
    const auto fits = [&](const WeightsSet& set) { return has_word(set.prefix, checkpoint.state); };
    if (std::none_of(sets.begin(), sets.end(), fits)) {
      std::string list;
      for (const WeightsSet& set : sets) list += (list.empty() ? "" : ", ") + shown(set);
      throw InputError(checkpoint.path,
                       "has no weights " + in_quotes(checkpoint.state) + ", but " + list,
                       "give another --state, or none");
    }
    std::stable_partition(sets.begin(), sets.end(), fits);
  } else if (sets.size() > 1) {
    std::vector<std::tuple<bool, int, size_t, size_t>> keys;
    for (size_t i = 0; i < sets.size(); ++i) {
      keys.emplace_back(!has_head(checkpoint, naming, sets[i].prefix), rank(sets[i].prefix),
                        sets[i].prefix.size(), i);
    }
    std::swap(sets[0], sets[std::get<3>(*std::min_element(keys.begin(), keys.end()))]);
  }
  ChosenWeights chosen;
  chosen.set = sets[0];
  chosen.others.assign(sets.begin() + 1, sets.end());
  if (!chosen.others.empty()) {
    chosen.reason = shown(chosen.set) + ", not ";
    for (const WeightsSet& other : chosen.others)
      chosen.reason += (&other == &chosen.others[0] ? "" : " or ") + shown(other);
    chosen.reason += checkpoint.state.empty()
                         ? ": with a head before without, teacher and EMA first, student and "
                           "momentum last (--state PREFIX takes another)"
                         : ": as --state says";
  }
  return chosen;
}

}  // namespace vitro::converter
