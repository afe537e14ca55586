// SPDX-License-Identifier: Apache-2.0
// LoRA adapters and prompt tokens for the model of adapters/base.h, and bare pickles.
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/fuzz/adapters/base.h"
#include "tests/fuzz/seeds/seeds.h"
#include "tests/fuzz/weights/container.h"

namespace vitro::fuzz {

namespace {

CheckpointTensor tensor(std::vector<size_t> shape) {
  size_t count = 1;
  for (const size_t n : shape) count *= n;
  CheckpointTensor out{std::move(shape), std::vector<float>(count)};
  for (size_t i = 0; i < count; ++i) out.data[i] = 0.125f * static_cast<float>(i % 9) - 0.5f;
  return out;
}

std::string safetensors(const std::string& folder, const Checkpoint& checkpoint) {
  const std::filesystem::path path = std::filesystem::path(folder) / "temporary.safetensors";
  write_safetensors(path.string(), checkpoint, StoredDtype::F32);
  std::ifstream file(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  std::filesystem::remove(path);
  return input_of_safetensors(bytes);
}

std::string config(const std::string& more) {
  return R"({"peft_type":"LORA","r":2,"lora_alpha":4,"bias":"none","fan_in_fan_out":false)" + more +
         "}";
}

}  // namespace

void make_adapter_seeds(const std::string& folder) {
  const Seeds seeds(folder, "adapters");
  const size_t dim = adapted_vit().dim;
  Checkpoint lora;
  const std::string prefix = "base_model.model.", layer = prefix + "vit.encoder.layer.0.";
  for (const char* module : {"attention.attention.query", "output.dense"}) {
    lora.tensors[layer + module + ".lora_A.weight"] = tensor({2, dim});
    lora.tensors[layer + module + ".lora_B.weight"] = tensor({dim, 2});
  }
  const std::string zero(1, '\0'),
      targets = R"(,"target_modules":["query","output.dense"],"alpha_pattern":{"query":8})";
  seeds.add("lora", "l" + config(targets) + zero + safetensors(folder, lora));
  lora.tensors[prefix + "classifier.weight"] = tensor({3, dim});
  lora.tensors[prefix + "classifier.bias"] = tensor({3});
  seeds.add("lora_head", "l" + config(targets + R"(,"modules_to_save":["classifier"])") + zero +
                             safetensors(folder, lora));
  Checkpoint prompts;
  prompts.tensors["prompt_embeddings"] = tensor({1, 2, dim});
  seeds.add("prompts", "p" + safetensors(folder, prompts));
  seeds.add("prompts_npy", "n" + npy_of("<f4", false, "(2, 8)", std::string(64, '\0')));
}

void make_pickle_seeds(const std::string& folder) {
  const Seeds seeds(folder, "pickles");
  for (const auto naming : {NamingStyle::Timm, NamingStyle::HuggingFace}) {
    RandomVit vit = adapted_vit();
    vit.names = naming;
    const Checkpoint checkpoint = make_checkpoint(vit);
    const std::string name = naming == NamingStyle::Timm ? "timm" : "hugging_face";
    seeds.add(name, pickle_of(pickled_state(checkpoint)));
    seeds.add(name + "_nested", pickle_of(pickled_state(checkpoint, {"model", "ema"})));
  }
  seeds.add("dict", pickle_of(pickled_dict(pickled_text("a") + pickled_number(7))));
  seeds.add("tensor", pickle_of(pickled_tensor("0", 6, {2, 3})));
}

}  // namespace vitro::fuzz
