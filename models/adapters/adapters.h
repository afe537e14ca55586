// SPDX-License-Identifier: Apache-2.0
// What the command line puts onto a checkpoint before its graph is built: a LoRA adapter, prompt
// tokens, another size of picture.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/base/matrix.h"
#include "converter/base/preprocessing.h"
#include "converter/base/setting.h"
#include "converter/checkpoint/checkpoint.h"
#include "models/names/names.h"

namespace vitro::converter {

/// Empty or 0: nothing of the kind.
struct AdapterOptions {
  std::string lora;     // a folder
  std::string prompts;  // a file
  PixelSize image_size;
};

struct Adapted {
  bool new_head = false;  // the classes are the adapter's, and not those of the base
  Matrix prompts;
  std::string
      sha256;  // of the weights with all of this; the checkpoint's own where there is nothing
};

/// Changes `tensors`, the checkpoint's by the canonical names of `naming`, and adds what was done
/// to the settings. Throws InputError.
Adapted apply_adapters(const AdapterOptions& options, const Checkpoint& checkpoint,
                       const Naming& naming, std::map<std::string, TensorView>& tensors,
                       std::vector<Setting>& settings);

}  // namespace vitro::converter
