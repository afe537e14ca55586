// SPDX-License-Identifier: Apache-2.0
// What transformers' and timm's files say of a model's shape in the same way.
#pragma once

#include "models/config/json_file.h"
#include "models/config/model_config.h"

namespace vitro::converter {

constexpr size_t kMaxCount = 1 << 20;  // of heads, channels, layers, classes
constexpr size_t kMaxPixels = 4096;    // of a side of a resized picture or its window
constexpr char kAnotherModel[] = "give a model that vitro computes ('vitro families' lists them)";

/// A number for both sides, or [height, width]. Throws InputError on anything else.
Said<PixelSize> sides_of(const JsonObject& object, const char* key);

/// The side of a patch, from "patch_size". Throws InputError where patches are not square.
Said<size_t> patch_of(const JsonObject& object);

/// What hierarchical models have: "window_size", a whole number; one for each stage,
/// "pretrained_window_sizes", "depths" and, where it is a list, "num_heads".
void add_stages_of(const JsonObject& object, ModelConfig& config);

}  // namespace vitro::converter
