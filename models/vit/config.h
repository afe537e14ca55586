// SPDX-License-Identifier: Apache-2.0
// What the shapes of a checkpoint's tensors say about a ViT.
#pragma once

#include "models/names/tensors.h"
#include "models/vit/positions.h"
#include "models/vit/vit.h"

namespace vitro::converter::vit {

enum class VitPool {
  Token,         // LayerNorm of the class token (and of the distillation token)
  NormThenMean,  // LayerNorm of all tokens, then the mean of the patches
  MeanThenNorm,  // timm's fc_norm: the mean of the patches, then LayerNorm
  TokenAndMean,  // DINOv2's linear head over both: the class token and the mean of the patches,
                 // after LayerNorm
  Attention,     // SigLIP: LayerNorm of all patches, attention of a learnt query to them
  None,          // no head: the class token and the patches, after LayerNorm, are the outputs
};

struct VitConfig {
  size_t dim = 0, depth = 0, heads = 0, hidden = 0, classes = 0;
  size_t patch = 0;                                 // pixels, square
  GridSize grid;                                    // of the picture
  Resampling resampling = Resampling::Antialiased;  // of positions, where the grids differ
  GridSize trained_grid;                            // that of the position embeddings
  size_t class_tokens = 0;                          // 0, 1 (class) or 2 (and distillation)
  size_t prompts = 0, registers = 0;
  size_t positioned = 0;  // of class and register tokens, in this order, those that have a
                          // position: none, the class tokens, or all
  VitPool pool = VitPool::Token;
  bool norm_bias = true, layer_scale = false, distillation_head = false;
  size_t pool_hidden = 0;  // of attention pooling's MLP
  bool gated = false;      // fc1 makes twice what fc2 reads: SwiGLU

  size_t prefix() const {
    return class_tokens + prompts + registers;
  }  // tokens before the patches, in this order
};

/// Throws InputError if the shapes contradict a ViT, or if the runtime could not execute it.
VitConfig deduce_config(const CheckedTensors& tensors, const VitOptions& options);

}  // namespace vitro::converter::vit
