// SPDX-License-Identifier: Apache-2.0
// From what a PyTorch file holds to named tensors.
//
// Which dictionary of a file holds the weights: the one under `state`, if that is a key of it;
// else, from the outermost dictionary inwards, as long as one of these keys holds a dictionary:
// state_dict_ema, model_ema, ema_state_dict, ema_model, ema, teacher (what is evaluated, as timm
// and DINO have it), then state_dict, model_state_dict, model_state, model, module, net, network,
// weights, params, encoder, student; else the dictionary itself if it holds tensors; else all
// dictionaries in it, each key before its names (but those of an optimizer).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"
#include "converter/checkpoint/pickle.h"
#include "converter/checkpoint/weights_file.h"

namespace vitro::converter {

/// Bytes of the storage with that key; there are `bytes` of them. Throws InputError if there are
/// not.
using ReadStorage = std::function<std::string(const std::string& key, uint64_t bytes)>;

/// Fills in all but `sha256`. Only one storage at a time is in memory, and each is read once.
/// Throws InputError.
Checkpoint torch_checkpoint(const WeightsFile& file, const Pickle& pickle, const std::string& state,
                            const ReadStorage& read_storage);

}  // namespace vitro::converter
