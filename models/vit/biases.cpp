// SPDX-License-Identifier: Apache-2.0
#include "models/vit/biases.h"

#include "converter/base/error.h"

namespace vitro::converter::vit {

namespace {

constexpr char kRemedy[] = "give a complete checkpoint";

// Of norms, and of an MLP's linears, all have a bias or none.
void check_alike(const std::string& path, const std::map<std::string, TensorView>& tensors,
                 const std::vector<std::string>& alike) {
  const std::string *with = nullptr, *without = nullptr;
  for (const std::string& part : alike)
    if (tensors.count(part + ".weight")) (tensors.count(part + ".bias") ? with : without) = &part;
  if (with && without)
    throw InputError(path,
                     "has a bias of " + *with + ", but none of " + *without +
                         ", which models of this spelling have both or neither",
                     kRemedy);
}

}  // namespace

std::vector<std::string> absent_biases(const std::string& path,
                                       const std::map<std::string, TensorView>& tensors,
                                       const std::string& spelling) {
  constexpr char kWeight[] = ".weight";
  std::vector<std::string> absent;
  size_t of_qkv = 0;
  for (const auto& [name, view] : tensors) {
    if (name.size() < sizeof kWeight || name.compare(name.size() - 7, 7, kWeight) != 0 ||
        block_number(name) > 0)
      continue;
    const std::string part = name.substr(0, name.size() - 7);
    if (tensors.count(part + ".bias")) continue;
    const std::string shown = block_number(name) == 0 ? part.substr(part.find('.', 7) + 1) : part;
    if (shown == "attn.q" || shown == "attn.k" || shown == "attn.v") {
      ++of_qkv;
    } else if (spelling != "timm") {
      throw InputError(path,
                       "has " + in_quotes(view.source) +
                           ", but no bias beside it, which models of this spelling (" + spelling +
                           ") always have",
                       kRemedy);
    } else {
      absent.push_back(shown);
    }
  }
  if (of_qkv != 0 && of_qkv != 3)
    throw InputError(
        path, "has a bias for some of query, key and value in block 0, and not for all", kRemedy);
  if (of_qkv != 0) absent.push_back("attn.qkv");
  check_alike(path, tensors, {"blocks.0.norm1", "blocks.0.norm2", "norm", "fc_norm"});
  check_alike(path, tensors, {"blocks.0.mlp.fc1", "blocks.0.mlp.fc2"});
  return absent;
}

}  // namespace vitro::converter::vit
