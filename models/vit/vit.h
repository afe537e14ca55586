// SPDX-License-Identifier: Apache-2.0
// The ViT and DeiT family: tensor names (timm, Hugging Face), configuration by tensor shapes, graph
// builder.
#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "converter/checkpoint/checkpoint.h"
#include "converter/graph/graph.h"
#include "models/builder.h"
#include "models/vit/names.h"
#include "models/vit/positions.h"

namespace vitro::converter::vit {

struct VitConfig;

/// What the classifier reads.
enum class Pooling {
  ByShapes,  // as the tensors suggest: fc_norm: the mean; else the class token where there is one,
             // else the mean
  Token,     // the class token (and the distillation token, where it has a head)
  Mean,      // the mean of the patches, without class, distillation, register and prompt tokens
};

/// What no tensor's shape tells.
struct VitOptions {
  size_t heads = 0;       // 0: by width (dim / 64; 1280 -> 16, 1408 -> 16, 1664 -> 16)
  float epsilon = 1e-6f;  // of every LayerNorm
  Pooling pooling = Pooling::ByShapes;
  Activation activation = Activation::Gelu;  // of an MLP that is not gated
  PixelSize image_size;  // 0: as trained. Position embeddings are resampled for another size
                         // (positions.h)
  Resampling resampling = Resampling::Antialiased;
  PixelSize trained_size;  // what the position embeddings are of; 0: unknown, so a square picture,
                           // or where it is none, image_size
  Matrix prompts = {};  // [P, dim] of shallow Visual Prompt Tuning (arXiv 2203.12119): tokens after
                        // the class token, without position. May be empty
};

/// Builds the float graph of a ViT or DeiT from its tensors by canonical name, of the checkpoint at
/// `path`. Throws InputError when a tensor is missing, superfluous or of the wrong shape, or when
/// the architecture is not a ViT. What was deduced goes into `deduced` (config.h), if that is
/// given.
Graph build_vit(const std::string& path, std::map<std::string, TensorView> tensors,
                const VitOptions& options = {}, VitConfig* deduced = nullptr);
Graph build_vit(const Checkpoint& checkpoint, const VitOptions& options = {},
                VitConfig* deduced = nullptr);

}  // namespace vitro::converter::vit
