// SPDX-License-Identifier: Apache-2.0
// LoRA adapters as PEFT saves them (arXiv 2106.09685), merged into a ViT's weights: W + scaling B
// A.
#pragma once

#include <map>
#include <string>

#include "converter/checkpoint/checkpoint.h"
#include "models/adapters/lora_config.h"
#include "models/names/names.h"

namespace vitro::converter {

struct LoraAdapter {
  LoraConfig config;
  Checkpoint weights;
};

/// `folder` holds adapter_config.json and adapter_model.safetensors or .bin. Throws InputError on a
/// folder that is not an adapter, or not plain LoRA.
LoraAdapter read_lora(const std::string& folder);

/// Changes `tensors` of the checkpoint at `path`, by the canonical names of `naming`; what changes
/// gets data of its own. Targets may have any of its spellings: linear layers, fused qkv, the patch
/// embedding.
/// Biases and modules_to_save take the place of the base's; with a new head, a distillation head
/// goes that the adapter does not have. fan_in_fan_out says how the base keeps its weights, which
/// canonical tensors do not show: B A is [outputs, inputs] always. In double, rounded once. Returns
/// whether the head was replaced. Throws InputError where the adapter is for another model, by both
/// values.
bool merge_lora(const LoraAdapter& adapter, const Naming& naming, const std::string& path,
                std::map<std::string, TensorView>& tensors);

}  // namespace vitro::converter
