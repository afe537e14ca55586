// SPDX-License-Identifier: Apache-2.0
#include "models/adapters/adapters.h"

#include <filesystem>

#include "models/adapters/lora.h"
#include "models/adapters/prompts.h"
#include "runtime/digest/sha256.h"

namespace vitro::converter {
namespace {

std::string last_name(const std::string& path) {
  const std::filesystem::path name = std::filesystem::path(path).lexically_normal();
  return (name.has_filename() ? name.filename() : name.parent_path().filename()).string();
}

std::string hash_of(const AdapterOptions& options, const Checkpoint& checkpoint,
                    const std::map<std::string, TensorView>& tensors, const Matrix& prompts) {
  if (options.lora.empty() && options.prompts.empty() && options.image_size == PixelSize{})
    return checkpoint.sha256;
  Sha256 hash;
  const std::string what = checkpoint.sha256 + " prompts " + std::to_string(prompts.rows) +
                           " image " + setting_of(options.image_size);
  hash.update(what.data(), what.size());
  hash.update(prompts.data.data(), prompts.data.size() * sizeof(float));
  for (const auto& [name, view] : tensors) {
    if (!view.owned) continue;  // the checkpoint's
    hash.update(name.data(), name.size());
    hash.update(view.owned->data(), view.owned->size() * sizeof(float));
  }
  char text[65];
  hash.hex(text);
  return text;
}

}  // namespace

Adapted apply_adapters(const AdapterOptions& options, const Checkpoint& checkpoint,
                       const Naming& naming, std::map<std::string, TensorView>& tensors,
                       std::vector<Setting>& settings) {
  Adapted out;
  if (!options.lora.empty()) {
    const LoraAdapter adapter = read_lora(options.lora);
    out.new_head = merge_lora(adapter, naming, checkpoint.path, tensors);
    settings.push_back(
        {"lora", last_name(options.lora) + ", SHA-256 " + adapter.weights.sha256, "--lora", false});
  }
  if (!options.prompts.empty()) {
    out.prompts = read_prompts(options.prompts);
    settings.push_back({"prompt_tokens",
                        std::to_string(out.prompts.rows) + " of " + last_name(options.prompts),
                        "--prompt-tokens", false});
  }
  out.sha256 = hash_of(options, checkpoint, tensors, out.prompts);
  return out;
}

}  // namespace vitro::converter
