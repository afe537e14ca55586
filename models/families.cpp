// SPDX-License-Identifier: Apache-2.0
#include "models/families.h"

#include <algorithm>

#include "converter/base/error.h"

namespace vitro::converter {

#define VITRO_FAMILY(name, ...) \
  namespace name {              \
  const Family& family();       \
  }
#include "models/families.def"
#undef VITRO_FAMILY

namespace {

constexpr char kGiveAnother[] = "give a model that vitro computes ('vitro families' lists them)";

[[noreturn]] void refuse(const Checkpoint& checkpoint) {
  std::vector<std::string> names;
  for (const auto& named : checkpoint.tensors) names.push_back(named.first);
  const std::string foreign = foreign_family(names);
  if (!foreign.empty())
    throw InputError(checkpoint.path,
                     "is no model that vitro computes: its tensors' names are of " + foreign,
                     kGiveAnother);
  const Naming* nearest = nullptr;
  Recognition most;
  for (const Family* family : all_families()) {
    const Recognition known = family->recognise(checkpoint);
    if (known.known > most.known) most = known, nearest = &family->naming();
  }
  if (nearest)
    throw InputError(checkpoint.path,
                     std::string("looks like ") + nearest->model + " in " + most.spelling +
                         "'s names (" + std::to_string(most.known) + " of " +
                         std::to_string(names.size()) + " tensors), but " + most.lacks +
                         " is missing",
                     "save the whole model");
  std::string some;
  for (size_t i = 0; i < std::min<size_t>(3, names.size()); ++i)
    some += (i ? ", " : "") + in_quotes(names[i]);
  throw InputError(checkpoint.path,
                   "none of its " + std::to_string(names.size()) +
                       " tensors' names is of a model that vitro computes (" + some + " ...)",
                   kGiveAnother);
}

bool has_type(const Family& family, const std::string& name) {
  const auto& types = family.hugging_face;
  return std::any_of(types.begin(), types.end(),
                     [&](const HuggingFaceType& type) { return name == type.name; });
}

}  // namespace

const std::vector<const Family*>& all_families() {
  static const std::vector<const Family*> all{
#define VITRO_FAMILY(name, ...) &name::family(),
#include "models/families.def"
#undef VITRO_FAMILY
  };
  return all;
}

const Family& family_of(const Checkpoint& checkpoint) {
  const Family* best = nullptr;
  size_t known = 0;
  for (const Family* family : all_families()) {
    const Recognition recognition = family->recognise(checkpoint);
    if (!recognition.fits) continue;
    // All names of a DINOv3 in timm are a ViT's, too; registers without positions mark it.
    const bool marked = best && recognition.known == known && family->naming().mark != nullptr &&
                        best->naming().mark == nullptr;
    if (recognition.known > known || marked) best = family, known = recognition.known;
  }
  if (!best) refuse(checkpoint);
  return *best;
}

void check_family(const Family& family, const ModelConfig& config, const std::string& path) {
  const auto check = [&](const Said<std::string>& said,
                         bool (*is_of)(const Family&, const std::string&)) {
    if (!said || is_of(family, said.value)) return;
    for (const Family* other : all_families())
      if (is_of(*other, said.value))
        throw InputError(path,
                         said.source + " says " + said.value + ", of the family " + other->name +
                             ", but the tensors are those of " + family.name,
                         "give files that belong together");
  };
  check(config.model_type, has_type);
  check(config.architecture,
        [](const Family& of, const std::string& name) { return of.timm(name).known; });
}

void check_settings(const Family& family, const NamedValues& given) {
  for (const auto& [name, said] : given) {
    const auto is_name = [name = name](const FamilySetting& s) { return name == s.name; };
    if (std::any_of(family.settings.begin(), family.settings.end(), is_name)) continue;
    std::string known;
    for (const FamilySetting& setting : family.settings)
      known += (known.empty() ? "" : ", ") + std::string(setting.name);
    throw InputError(
        said.source,
        "is no setting of the family that the model is of, " + std::string(family.name),
        known.empty() ? "leave it out: the family has none" : "it has " + known);
  }
}

std::vector<HuggingFaceType> hugging_face_types() {
  std::vector<HuggingFaceType> all;
  for (const Family* family : all_families())
    all.insert(all.end(), family->hugging_face.begin(), family->hugging_face.end());
  return all;
}

TimmArchitecture timm_architecture(const std::string& name) {
  TimmArchitecture out;
  if (name.empty()) return out;
  std::string known;
  for (const Family* family : all_families()) {
    out = family->timm(name);
    if (out.known) return out;
    if (*family->timm_names) known += (known.empty() ? "" : ", ") + std::string(family->timm_names);
  }
  out.fault = "vitro computes " + known + " alone";
  return out;
}

}  // namespace vitro::converter
