// The ViT and DeiT family: tensor names (timm, Hugging Face), configuration by tensor shapes, graph builder.
#pragma once

#include <cstddef>
#include <string>

#include "converter/checkpoint/checkpoint.h"
#include "converter/graph/graph.h"

namespace vitro {

struct VitOptions {
  size_t heads = 0;      // 0: by width (dim / 64; 1280 -> 16, 1408 -> 16, 1664 -> 16)
  float epsilon = 1e-6f; // of every LayerNorm
};

/// Builds the float graph of a ViT or DeiT. Throws InputError when a tensor is missing, superfluous or of the wrong shape,
/// or when the architecture is not a ViT.
Graph build_vit(const Checkpoint& checkpoint, const VitOptions& options = {});

}  // namespace vitro
