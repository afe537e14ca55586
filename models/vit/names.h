// One set of names for the tensors of a ViT, whoever saved it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"

namespace vitro {

/// A tensor of the checkpoint or, of a fused qkv, a third of it. The checkpoint owns the data.
struct TensorView {
  std::string source;  // its name in the file
  std::vector<size_t> shape;
  const float* data = nullptr;
};

/// By canonical name: timm's, but with `blocks.N.attn.q`, `.k` and `.v` in place of `blocks.N.attn.qkv`.
/// Throws InputError on names that neither timm nor Hugging Face give to a ViT or DeiT, and on two names for the same tensor.
std::map<std::string, TensorView> canonical_tensors(const Checkpoint& checkpoint);

/// The block of a canonical name ("blocks.N.rest"), -1 if it is not of a block.
int block_number(const std::string& canonical);

}  // namespace vitro
