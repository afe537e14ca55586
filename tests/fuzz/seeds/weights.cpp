// SPDX-License-Identifier: Apache-2.0
// The smallest models, in every container and in every spelling.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/seeds/seeds.h"
#include "tests/fuzz/weights/container.h"
#include "tests/support/make_checkpoint.h"

namespace vitro::fuzz {

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string floats_of(const CheckpointTensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.data.data()), tensor.data.size() * sizeof(float)};
}

Files torch_files(const Checkpoint& checkpoint, const std::vector<std::string>& outside) {
  Files files{{"archive/data.pkl", pickle_of(pickled_state(checkpoint, outside))},
              {"archive/byteorder", "little"},
              {"archive/version", "3\n"}};
  size_t key = 0;
  for (const auto& named : checkpoint.tensors)
    files.emplace_back("archive/data/" + std::to_string(key++), floats_of(named.second));
  return files;
}

Files npz_files(const Checkpoint& checkpoint) {
  Files files;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    std::string shape = "(";
    for (const size_t n : tensor.shape) shape += std::to_string(n) + ", ";
    files.emplace_back(name + ".npy", npy_of("<f4", false, shape + ")", floats_of(tensor)));
  }
  return files;
}

}  // namespace

void make_weights_seeds(const std::string& folder) {
  const Seeds files(folder, "weights"), models(folder, "models");
  const auto add = [&](const std::string& name, const std::string& bytes) {
    files.add(name, bytes);
    models.add(name, bytes);
  };
  RandomVit vit;
  vit.dim = 8, vit.depth = 1, vit.heads = 1, vit.hidden = 8;
  vit.image = 4, vit.patch = 4, vit.classes = 2;
  const std::filesystem::path temporary = std::filesystem::path(folder) / "temporary.safetensors";
  for (const auto naming : {NamingStyle::Timm, NamingStyle::HuggingFace}) {
    vit.names = naming;
    const std::string name = naming == NamingStyle::Timm ? "timm" : "hugging_face";
    for (const auto dtype : {StoredDtype::F32, StoredDtype::F16, StoredDtype::BF16}) {
      write_safetensors(temporary.string(), make_checkpoint(vit), dtype);
      add(name + "_" + std::to_string(static_cast<int>(dtype)),
          input_of_safetensors(read(temporary)));
    }
    const Checkpoint checkpoint = make_checkpoint(vit);
    add(name + "_torch", input_of_zip(torch_files(checkpoint, {}), false));
    add(name + "_torch_nested", input_of_zip(torch_files(checkpoint, {"model_ema"}), false));
    add(name + "_legacy", input_of_file(torch_legacy(checkpoint)));
    add(name + "_npz", input_of_zip(npz_files(checkpoint), false));
    add(name + "_npz_deflated", input_of_zip(npz_files(checkpoint), true));
    add(name + "_tensorflow", input_of_bundle(checkpoint));
    add(name + "_zip", input_of_file(torch_zip(checkpoint)));
  }
  std::filesystem::remove(temporary);
  for (const auto& entry : std::filesystem::directory_iterator(VITRO_REFERENCE_MODELS))
    for (const char* file : {"model", "original_names"})
      if (const auto path = entry.path() / (std::string(file) + ".safetensors");
          std::filesystem::exists(path))
        models.add(entry.path().stem().string() + "_" + file, input_of_safetensors(read(path)));
}

}  // namespace vitro::fuzz
