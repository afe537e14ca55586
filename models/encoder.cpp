// SPDX-License-Identifier: Apache-2.0
#include "models/encoder.h"

namespace vitro::converter {

void deduce_patches(const CheckedTensors& tensors, EncoderSizes& sizes) {
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  sizes.width = patches[0], sizes.patch = patches[3];
}

void deduce_blocks(const CheckedTensors& tensors, EncoderSizes& sizes) {
  sizes.blocks = tensors.blocks();
  sizes.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  if (tensors.has("head.weight")) sizes.classes = tensors.shape("head.weight", 2)[0];
}

void check_width(const CheckedTensors& tensors, const EncoderSizes& sizes) {
  if (sizes.width % 4 != 0)
    tensors.refuse("its width of " + std::to_string(sizes.width) + " is not a multiple of 4");
}

void check_sizes(const CheckedTensors& tensors, const EncoderSizes& sizes, size_t tokens) {
  tensors.check_size("its width", sizes.width, kLargestWidth);
  tensors.check_size("its MLP's width", sizes.hidden, kLargestInput);
  tensors.check_size("the number of values of a patch,", sizes.patch * sizes.patch * 3,
                     kLargestInput);
  tensors.check_size("the number of its tokens,", tokens, kLargestTokens);
}

ModelShapes encoder_shapes(const EncoderSizes& sizes) {
  ModelShapes out;
  out.patch = {sizes.patch, "the side of the patch embedding", false};
  out.width = {sizes.width, "the width of the patch embedding", false};
  out.blocks = {sizes.blocks, "the number of blocks", false};
  out.mlp = {sizes.hidden, "the width of the first MLP", false};
  if (sizes.classes > 0) out.classes = {sizes.classes, "the number of rows of the head", false};
  return out;
}

}  // namespace vitro::converter
