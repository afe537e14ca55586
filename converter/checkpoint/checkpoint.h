// Reads files of weights into named float32 tensors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace vitro {

struct CheckpointTensor {
  std::vector<size_t> shape;
  std::vector<float> data;  // float16 and bfloat16 are widened
};

struct Checkpoint {
  std::string path;
  std::string sha256;  // of the whole file, lower-case hex
  std::map<std::string, CheckpointTensor> tensors;
  std::vector<std::string> not_float;  // tensors of whole numbers (counters, position_ids): named, and not read
  std::string state;                   // what was asked for among several sets of weights, and is still to be found by the prefix of names; else empty
};

/// Of whatever kind the file is: its first bytes say. Throws InputError as read_safetensors() does.
Checkpoint read_checkpoint(const std::string& path);

/// Throws InputError on a missing, truncated or malformed file, an unsupported dtype, or a NaN or infinity in a tensor.
Checkpoint read_safetensors(const std::string& path);

}  // namespace vitro
