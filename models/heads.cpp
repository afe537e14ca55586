// SPDX-License-Identifier: Apache-2.0
#include "models/heads.h"

#include "runtime/kernels/kernels.h"

namespace vitro::converter {

size_t deduce_heads(const CheckedTensors& tensors, size_t dim, size_t asked) {
  const bool wide =
      dim == 1280 || dim == 1408 || dim == 1664;  // ViT-H, g and G, whose heads are wider than 64
  const size_t heads = asked ? asked : wide ? 16 : dim % 64 == 0 ? dim / 64 : 0;
  if (heads == 0)
    tensors.refuse("the number of heads cannot be told from its width of " + std::to_string(dim),
                   "give it (--heads)");
  if (dim % heads != 0) {
    tensors.refuse("its width of " + std::to_string(dim) + " does not divide into " +
                       std::to_string(heads) + " heads",
                   "give another number of heads (--heads)");
  }
  if (dim / heads > kLargestHead) {
    tensors.refuse("its heads of " + std::to_string(dim / heads) + " channels are wider than the " +
                       std::to_string(kLargestHead) + " that attention takes",
                   "give the number of heads (--heads)");
  }
  return heads;
}

Setting heads_setting(const Said<size_t>& said, size_t heads, size_t dim) {
  if (said) return {"heads", std::to_string(heads), said.source, said.assumed};
  return {"heads", std::to_string(heads),
          "assumed: " + std::to_string(dim / heads) + " channels each are usual at a width of " +
              std::to_string(dim),
          true};
}

}  // namespace vitro::converter
