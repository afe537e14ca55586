// SPDX-License-Identifier: Apache-2.0
#include "models/adapters/prompts.h"

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "converter/base/npy.h"
#include "converter/checkpoint/checkpoint.h"

namespace vitro::converter {
namespace {

constexpr size_t kMostPrompts = 4096;
constexpr char kGiveOne[] =
    "give one tensor of [prompts, width] or [1, prompts, width] (--prompt-tokens FILE)";

bool is_npy(const std::string& path) { return first_bytes(path, 6) == "\x93NUMPY"; }

Matrix of_checkpoint(const std::string& path) {
  const Checkpoint checkpoint = read_checkpoint(path);
  if (checkpoint.tensors.size() != 1 || !checkpoint.not_float.empty()) {
    throw InputError(path,
                     "holds " +
                         std::to_string(checkpoint.tensors.size() + checkpoint.not_float.size()) +
                         " tensors, where prompt tokens are one",
                     kGiveOne);
  }
  const CheckpointTensor& tensor = checkpoint.tensors.begin()->second;
  const std::vector<size_t>& shape = tensor.shape;
  if (shape.size() == 3 && shape[0] > 1) {
    throw InputError(path,
                     "holds prompts of " + std::to_string(shape[0]) +
                         " layers (deep prompt tuning), where vitro computes those of the first",
                     "train shallow prompts");
  }
  if (shape.size() != 2 && shape.size() != 3)
    throw InputError(path, "holds a tensor of " + std::to_string(shape.size()) + " dimensions",
                     kGiveOne);
  Matrix prompts;
  prompts.rows = shape[shape.size() - 2], prompts.cols = shape.back(), prompts.data = tensor.data;
  return prompts;
}

}  // namespace

Matrix read_prompts(const std::string& path) {
  Matrix prompts = is_npy(path) ? read_npy(path) : of_checkpoint(path);
  if (prompts.rows == 0 || prompts.cols == 0)
    throw InputError(path, "holds no prompt tokens", kGiveOne);
  if (prompts.rows > kMostPrompts)
    throw InputError(path,
                     "holds " + std::to_string(prompts.rows) + " prompt tokens, more than " +
                         std::to_string(kMostPrompts),
                     kGiveOne);
  return prompts;
}

}  // namespace vitro::converter
