// Reads a .safetensors file into named float32 tensors.
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
};

/// Throws InputError on a missing, truncated or malformed file, an unsupported dtype, or a NaN or infinity in a tensor.
Checkpoint read_safetensors(const std::string& path);

}  // namespace vitro
