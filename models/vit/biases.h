// SPDX-License-Identifier: Apache-2.0
// Which linears and norms of a ViT have no bias among the tensors.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "models/names/names.h"

namespace vitro::converter::vit {

/// The parts without a bias, each once for all blocks ("attn.qkv", "mlp.fc1", "head"): zeros stand
/// for it. Throws InputError where that is a tensor that got lost, and no ViT's way: for one or two
/// of q, k and v, and, of spellings whose library always writes them (Hugging Face, torchvision,
/// JAX), for all others than q, k and v.
std::vector<std::string> absent_biases(const std::string& path,
                                       const std::map<std::string, TensorView>& tensors,
                                       const std::string& spelling);

}  // namespace vitro::converter::vit
