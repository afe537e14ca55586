// SPDX-License-Identifier: Apache-2.0
#include "models/config/model_files.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "models/config/json_file.h"

namespace vitro::converter {

namespace {

namespace fs = std::filesystem;

// In this order. safetensors are of the same weights where both are there, and cannot run code.
constexpr std::array<const char*, 4> kWeights = {
    "model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
    "pytorch_model.bin.index.json"};
constexpr std::array<const char*, 6> kExtensions = {".safetensors", ".bin", ".pth",
                                                    ".pt",          ".npz", ".index"};
// What transformers' Trainer leaves beside a model.
const std::set<std::string> kNotWeights = {"training_args.bin", "optimizer.bin", "optimizer.pt",
                                           "scheduler.pt", "scaler.pt"};

// What is there and cannot be read must not count as absent: other values would be assumed in its
// place.
bool is_file(const fs::path& path) {
  const Found found = what_is(path.string());
  if (found == Found::LinkToNothing)
    throw InputError(path.string(), "is a link to nothing",
                     "copy the model with what its links point to (cp -L)");
  if (found == Found::Folder || found == Found::Other)
    throw InputError(path.string(), "is not a regular file",
                     "give the model's own file, or move this away");
  return found == Found::File;
}

bool may_be_weights(const fs::path& path) {
  const std::string name = path.filename().string();
  if (name[0] == '.' || kNotWeights.count(name) > 0 || name.rfind("rng_state", 0) == 0)
    return false;
  return std::find(kExtensions.begin(), kExtensions.end(), path.extension().string()) !=
             kExtensions.end() &&
         what_is(path.string()) == Found::File;
}

std::string weights_of(const fs::path& folder) {
  for (const char* name : kWeights)
    if (is_file(folder / name)) return (folder / name).string();
  std::vector<std::string> names = names_in(folder.string());
  names.erase(
      std::remove_if(names.begin(), names.end(),
                     [&](const std::string& name) { return !may_be_weights(folder / name); }),
      names.end());
  if (names.empty())
    throw InputError(folder.string(),
                     "is a folder without a file of weights (model.safetensors, pytorch_model.bin)",
                     "give the model's folder or its file");
  if (names == std::vector<std::string>{"adapter_model.safetensors"})
    throw InputError(folder.string(), "holds an adapter and not the model that it adapts",
                     "give the model, and the adapter with --lora");
  if (names.size() == 1) return (folder / names[0]).string();
  if (std::all_of(names.begin(), names.end(),
                  [](const std::string& name) { return name.find("-of-") != std::string::npos; }))
    throw InputError(folder.string(), "holds the shards of a checkpoint and no index of them",
                     "add model.safetensors.index.json or pytorch_model.bin.index.json");
  std::string list;
  for (size_t i = 0; i < names.size() && i < 5; ++i) list += (i ? ", " : "") + names[i];
  throw InputError(folder.string(),
                   "holds " + std::to_string(names.size()) + " files that may be the weights: " +
                       list + (names.size() > 5 ? ", ..." : ""),
                   "give the one that is meant");
}

// transformers' own order: an image processor within processor_config.json comes before
// preprocessor_config.json.
std::string processor_of(const fs::path& folder) {
  const fs::path nested = folder / "processor_config.json",
                 own = folder / "preprocessor_config.json";
  if (is_file(nested) && JsonObject::read(nested.string()).has("image_processor"))
    return nested.string();
  return is_file(own) ? own.string() : "";
}

}  // namespace

ModelFiles find_model_files(const std::string& path) {
  const bool is_folder = what_is(path) == Found::Folder;
  const fs::path folder = is_folder ? fs::path(path) : fs::path(path).parent_path();
  ModelFiles files;
  files.weights = is_folder ? weights_of(folder) : path;
  if (is_file(folder / "config.json")) files.config = (folder / "config.json").string();
  files.processor = processor_of(folder);
  return files;
}

}  // namespace vitro::converter
