// SPDX-License-Identifier: Apache-2.0
// Adapters of a tiny model: LoRA and prompt tokens. The first byte says which: 'p' prompts, in a
// file as in container.h; 'n' prompts, in a .npy; else a LoRA adapter: adapter_config.json, a zero
// byte, its weights as in container.h.
#include <algorithm>
#include <cmath>

#include "converter/base/error.h"
#include "models/adapters/lora.h"
#include "models/adapters/prompts.h"
#include "models/vit/names.h"
#include "tests/fuzz/adapters/base.h"
#include "tests/fuzz/support/target.h"
#include "tests/fuzz/weights/container.h"

namespace vitro::fuzz {

namespace {

using namespace converter;

void put_on(const std::string& input) {
  static const Folder folder;
  static const Checkpoint base = make_checkpoint(adapted_vit());
  static const auto tensors_of_base = canonical_tensors(base, vit::naming());
  const std::string rest = input.substr(1);
  if (input[0] == 'p' || input[0] == 'n') {
    const Matrix prompts =
        read_prompts(folder.write("prompts", input[0] == 'p' ? file_of(rest) : rest));
    return require(prompts.data.size() == prompts.rows * prompts.cols, "prompts of another size");
  }
  const size_t zero = std::min(rest.find('\0'), rest.size());
  folder.write("adapter_config.json", rest.substr(0, zero));
  folder.write("adapter_model.safetensors",
               file_of(zero < rest.size() ? rest.substr(zero + 1) : ""));
  auto tensors = tensors_of_base;
  merge_lora(read_lora(folder.path("")), vit::naming(), "base", tensors);
  for (const auto& [name, tensor] : tensors) {
    size_t count = 1;
    for (const size_t n : tensor.shape) count *= n;
    for (size_t i = 0; i < count; ++i)
      require(std::isfinite(tensor.data[i]), "a merged weight is no number");
  }
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  try {
    put_on(text_of(data, size));
  } catch (const InputError&) {
  }
  return 0;
}
