// SPDX-License-Identifier: Apache-2.0
// Where the files of a model are: a folder as its library saved it, or a file of weights beside its
// neighbours.
#pragma once

#include <string>
#include <vector>

namespace vitro::converter {

struct ModelFiles {
  std::string weights;    // a file, or the index of shards
  std::string config;     // config.json; empty where there is none
  std::string processor;  // processor_config.json that holds an image processor, or
                          // preprocessor_config.json; empty where there is neither
};

/// Of a folder: model.safetensors, model.safetensors.index.json, pytorch_model.bin,
/// pytorch_model.bin.index.json, the first that is there; else the only file of weights. Throws
/// InputError where there is none, or more than one of other names.
ModelFiles find_model_files(const std::string& path);

}  // namespace vitro::converter
