// SPDX-License-Identifier: Apache-2.0
// What families of encoders have in common: the sizes that their tensors tell.
#pragma once

#include "models/config/agreement.h"
#include "models/names/tensors.h"

namespace vitro::converter {

struct EncoderSizes {
  size_t patch = 0;  // pixels, square
  size_t width = 0, heads = 0;
  size_t blocks = 0, hidden = 0;
  size_t classes = 0;  // rows of the head; 0: there is no head
};

/// `patch` and `width`, of a convolution "patch_embed.proj". Throws InputError where patches are
/// not square and RGB.
void deduce_patches(const CheckedTensors& tensors, EncoderSizes& sizes);

/// `blocks`, `hidden` and `classes`, of "blocks.N", "blocks.0.mlp.fc1" and "head".
void deduce_blocks(const CheckedTensors& tensors, EncoderSizes& sizes);

/// Throw InputError where a width is no multiple of 4, and where a size is beyond the runtime's
/// largest.
void check_width(const CheckedTensors& tensors, const EncoderSizes& sizes);
void check_sizes(const CheckedTensors& tensors, const EncoderSizes& sizes, size_t tokens);

/// All but the picture's size, each with the tensors that tell it.
ModelShapes encoder_shapes(const EncoderSizes& sizes);

}  // namespace vitro::converter
