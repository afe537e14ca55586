// SPDX-License-Identifier: Apache-2.0
// Reads a checkpoint that save_pretrained() split: an index and the shards beside it.
#include <filesystem>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/checkpoint/formats.h"
#include "converter/checkpoint/json_guard.h"
#include "runtime/digest/sha256.h"

namespace vitro::converter {
namespace {

constexpr uint64_t kMaxIndexBytes = 16'000'000;
constexpr size_t kMaxShards = 1000;
constexpr char kRemedyIndex[] = "give the whole folder that save_pretrained wrote";

using Index = std::map<std::string, std::set<std::string>>;  // the tensors of each shard

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.find('/') == std::string::npos &&
         name.find('\\') == std::string::npos && name.find('\0') == std::string::npos &&
         name != "." && name != "..";
}

Index read_index(WeightsFile& file) {
  if (file.size() > kMaxIndexBytes)
    file.refuse("is a JSON file of " + std::to_string(file.size()) +
                    " bytes, too large for an index of shards",
                kRemedyIndex);
  const std::string text = file.read(0, static_cast<size_t>(file.size()));
  const std::string fault = json_fault(text, {8, 500'000});
  if (!fault.empty()) file.refuse("is a JSON file that " + fault, kRemedyDamaged);
  const nlohmann::json root = nlohmann::json::parse(text);
  if (!root.is_object() || !root.contains("weight_map") || !root["weight_map"].is_object()) {
    file.refuse("is a JSON file without a weight_map, not a file of weights",
                "give the folder that it lies in, or the file of weights");
  }
  Index index;
  for (const auto& [tensor, shard] : root["weight_map"].items()) {
    if (!shard.is_string())
      file.refuse("has no file name for tensor " + in_quotes(tensor), kRemedyIndex);
    const std::string name = shard.get<std::string>();
    if (!is_plain_name(name))
      file.refuse("wants " + in_quotes(name) + ", which is not a file beside it", kRemedyIndex);
    index[name].insert(tensor);
  }
  if (index.empty()) file.refuse("names no shards", kRemedyIndex);
  if (index.size() > kMaxShards)
    file.refuse("names " + std::to_string(index.size()) + " shards", kRemedyIndex);
  return index;
}

}  // namespace

Checkpoint read_shards(WeightsFile& file, const std::string& state) {
  const Index index = read_index(file);
  const std::filesystem::path folder = std::filesystem::path(file.path()).parent_path();
  for (const auto& named : index) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(folder / named.first, error))
      file.refuse("names shard " + in_quotes(named.first) + ", which is not beside it",
                  kRemedyIndex);
  }
  Checkpoint whole;
  whole.path = file.path();
  Sha256 hash;
  std::set<std::string> hashes;  // SHA-256 of the shards
  for (const auto& [name, tensors] : index) {
    WeightsFile shard_file((folder / name).string());
    Checkpoint shard = read_weights(shard_file, state);
    hash.update(shard.sha256.data(), shard.sha256.size());
    // Links would make a thousand of one. Of all shards no more is read than of one file.
    if (!hashes.insert(shard.sha256).second)
      shard_file.refuse("is the same file as another shard", kRemedyIndex);
    if (whole.tensors.size() + whole.not_float.size() + shard.tensors.size() +
            shard.not_float.size() >
        kMaxTensors)
      file.refuse("names shards of more than " + std::to_string(kMaxTensors) + " tensors",
                  kRemedyIndex);
    const std::set<std::string> whole_numbers(shard.not_float.begin(), shard.not_float.end());
    for (const std::string& tensor : tensors) {
      if (!shard.tensors.count(tensor) && !whole_numbers.count(tensor))
        shard_file.refuse("lacks tensor " + in_quotes(tensor) + ", which the index says it holds",
                          kRemedyIndex);
    }
    for (auto& [tensor, data] : shard.tensors) {
      if (!tensors.count(tensor))
        shard_file.refuse(
            "holds tensor " + in_quotes(tensor) + ", which the index does not give it",
            kRemedyIndex);
      whole.tensors.emplace(tensor, std::move(data));
    }
    whole.not_float.insert(whole.not_float.end(), shard.not_float.begin(), shard.not_float.end());
    whole.state = shard.state, whole.chosen = shard.chosen;
  }
  if (whole.tensors.empty())
    file.refuse("names no tensors of floating-point numbers", kRemedyIndex);
  char text[65];
  hash.hex(text);
  whole.sha256 = text;
  return whole;
}

}  // namespace vitro::converter
