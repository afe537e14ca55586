// SPDX-License-Identifier: Apache-2.0
// Reads files of weights into named float32 tensors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vitro::converter {

struct CheckpointTensor {
  std::vector<size_t> shape;
  std::vector<float> data;  // float16 and bfloat16 are widened, float64 is rounded
};

struct Checkpoint {
  std::string path;
  std::string sha256;  // lower-case hex: of the whole file; of a sharded one, of its shards'
                       // SHA-256 in hex, in the order of their names (TensorFlow's index last)
  std::map<std::string, CheckpointTensor> tensors;
  std::vector<std::string>
      not_float;       // counters, position_ids, numbers beside the weights: named, and not read
  std::string state;   // what was asked for among several sets of weights, and is still to be found
                       // by the prefix of names; else empty
  std::string chosen;  // a sentence, where one of several sets of weights was chosen; else empty
};

/// Of whatever kind the file is; its bytes say, not its name:
///   .safetensors (F64, F32, F16, BF16), and *.index.json of sharded ones, of either kind;
///   PyTorch's .pth, .pt, .bin, by torch.save() of today (a zip archive) and of before 1.6:
///   pickle.h says what of a pickle is read; NumPy's .npz (float64, 32, 16 and bfloat16 as
///   jax.numpy saves it);
///   TensorFlow's checkpoints (NAME.index, with NAME.data-00000-of-00001 beside it): names without
///   /.ATTRIBUTES/VARIABLE_VALUE; an optimizer's slots are not read.
/// What is none of these is refused, named for what it is: a Git LFS pointer, a web page, ONNX,
/// TFLite, HDF5, GGUF, TorchScript ...
///
/// `state` chooses among several sets of weights in one PyTorch file, by the key of the dictionary
/// that holds them; torch_state.h has the rule without it. Throws InputError on a missing,
/// truncated or malformed file, an unsupported dtype, or a NaN or infinity in a tensor.
Checkpoint read_checkpoint(const std::string& path, const std::string& state = "");

/// One file of that kind alone. Throws InputError as read_checkpoint() does.
Checkpoint read_safetensors(const std::string& path);

}  // namespace vitro::converter
