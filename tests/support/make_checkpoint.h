// SPDX-License-Identifier: Apache-2.0
// Seeded random checkpoints of the ViT family. The same options give the same floats on every
// machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "converter/checkpoint/checkpoint.h"

namespace vitro {

using namespace converter;

enum class NamingStyle { Timm, HuggingFace };
enum class StoredDtype { F32, F16, BF16 };

struct RandomVit {
  size_t dim = 64, depth = 2, heads = 1,
         hidden = 0;  // hidden 0: 4 * dim; heads is only written to the file's metadata
  size_t patch = 4, image = 16, classes = 10;  // patch, image: in pixels
  size_t image_width = 0;                      // `image` is the height; 0: the same width
  bool class_token = true;
  bool distillation = false;  // distillation token and head
  bool qkv_bias = true;
  bool mean_pooling = false;     // timm's fc_norm instead of norm; norm, then mean, as in models
                                 // without a class token, needs no flag
  bool prefix_positions = true;  // false: as with timm's no_embed_class
  size_t registers = 0;          // tokens after the class token
  bool register_positions =
      true;  // false: registers have no positions, class and distillation token do (DINOv2)
  bool mean_of_normed = false;  // the head reads the mean of the patches after `norm`, although
                                // there is a class token (timm's global_pool avg without fc_norm)
  bool token_and_mean = false;  // the head reads class token and mean, [classes, 2 * dim] (DINOv2)
  bool biases = true;           // false: only qkv has biases
  bool layer_scale = false;     // only with timm's names, as for mean_pooling
  NamingStyle names = NamingStyle::Timm;
  StoredDtype dtype = StoredDtype::F32;
  uint64_t seed = 1;
};

/// The checkpoint in memory, not rounded to `dtype`. Options that differ only in `names` give the
/// same model.
Checkpoint make_checkpoint(const RandomVit& options);

/// Throws std::runtime_error if the file cannot be written.
void write_safetensors(const std::string& path, const Checkpoint& checkpoint, StoredDtype dtype,
                       const std::string& heads = "");
void write_checkpoint(const std::string& path, const RandomVit& options);

}  // namespace vitro
