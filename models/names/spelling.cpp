// SPDX-License-Identifier: Apache-2.0
#include "models/names/spelling.h"

#include <algorithm>

namespace vitro::converter {
namespace {

// Of all spellings: who replaces a head names it as he likes, whatever the trunk is called.
constexpr const char* kHeads[] = {
    "head",  "head.fc", "fc",          "classifier",  "cls_classifier",     "heads.head",
    "heads", "linear",  "linear_head", "last_linear", "classification_head"};
constexpr const char* kDistillationHeads[] = {"head_dist", "distillation_classifier"};

// A file may have 100,000 names, each looked up with several prefixes in every spelling: most
// differ in length, which is all that is compared of those.
const Name* find(const std::vector<Name>& names, std::string_view source) {
  for (const Name& name : names) {
    if (source == name.source) return &name;
  }
  return nullptr;
}

/// The end of the decimal number at `at`; `at` itself if none is there.
size_t number_end(std::string_view text, size_t at) {
  size_t end = at;
  while (end < text.size() && end - at < 5 && text[end] >= '0' && text[end] <= '9') ++end;
  return end - at > 4 || (end - at > 1 && text[at] == '0') ? at : end;
}

/// `name` from `at` on is a block's number, a separator, a tensor of the block; or the number of a
/// chunk and then these.
KnownName look_up_block(const Spelling& spelling, std::string_view name, size_t at,
                        const char* canonical) {
  for (int numbers = 0; numbers < 2; ++numbers) {
    const size_t end = number_end(name, at);
    if (end == at || end >= name.size() || name[end] != spelling.separator) return {};
    if (const Name* known = find(spelling.block, name.substr(end + 1))) {
      return {canonical + std::string(name.substr(at, end - at)) + "." + known->canonical,
              known->layout, false};
    }
    at = end + 1;
  }
  return {};
}

}  // namespace

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

std::vector<Name> timm_block(const std::vector<Name>& more) {
  std::vector<Name> names;
  for (const char* name : {"norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias",
                           "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight", "attn.proj.bias",
                           "mlp.fc1.weight", "mlp.fc1.bias", "mlp.fc2.weight", "mlp.fc2.bias"})
    names.push_back({name, name});
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

std::vector<Name> transformers_block(const std::vector<Name>& more) {
  std::vector<Name> names{
      {"attention.q_proj.weight", "attn.q.weight"},    {"attention.q_proj.bias", "attn.q.bias"},
      {"attention.k_proj.weight", "attn.k.weight"},    {"attention.k_proj.bias", "attn.k.bias"},
      {"attention.v_proj.weight", "attn.v.weight"},    {"attention.v_proj.bias", "attn.v.bias"},
      {"attention.o_proj.weight", "attn.proj.weight"}, {"attention.o_proj.bias", "attn.proj.bias"}};
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

KnownName look_up(const Spelling& spelling, std::string_view name) {
  if (const Name* known = find(spelling.trunk, name))
    return {known->canonical, known->layout, false};
  const std::vector<const char*>&folders = spelling.block_folders,
                          &canonical = spelling.canonical_folders;
  for (size_t i = 0; i < folders.size(); ++i) {
    if (!starts_with(name, folders[i])) continue;
    KnownName known = look_up_block(spelling, name, std::string_view(folders[i]).size(),
                                    canonical.empty() ? "blocks." : canonical[i]);
    if (!known.canonical.empty()) return known;
  }
  if (spelling.stacked_folder && starts_with(name, spelling.stacked_folder)) {
    if (const Name* known =
            find(spelling.block, name.substr(std::string_view(spelling.stacked_folder).size()))) {
      return {known->canonical, known->layout, true};
    }
  }
  return {};
}

KnownName look_up_head(std::string_view name, const std::vector<const char*>& own) {
  const size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) {
    const std::string_view layer = name.substr(0, slash), part = name.substr(slash + 1);
    if (layer == "head" ||
        std::any_of(own.begin(), own.end(), [&](const char* head) { return layer == head; })) {
      if (part == "kernel") return {"head.weight", Layout::Linear};
      if (part == "bias") return {"head.bias"};
    }
  }
  const size_t dot = name.rfind('.');
  const std::string_view stem = name.substr(0, dot),
                         kind = dot == std::string_view::npos ? "" : name.substr(dot + 1);
  if (kind != "weight" && kind != "bias") return {};
  const auto is_stem = [&](const char* head) { return stem == head; };
  if (std::any_of(std::begin(kHeads), std::end(kHeads), is_stem) ||
      std::any_of(own.begin(), own.end(), is_stem))
    return {"head." + std::string(kind)};
  if (std::any_of(std::begin(kDistillationHeads), std::end(kDistillationHeads), is_stem))
    return {"head_dist." + std::string(kind)};
  return {};
}

std::vector<std::string> prefixes_of(const std::string& name) {
  std::vector<std::string> prefixes;
  for_each_rest(name, [&](std::string_view rest) {
    prefixes.push_back(name.substr(0, name.size() - rest.size()));
  });
  return prefixes;
}

}  // namespace vitro::converter
