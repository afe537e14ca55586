// SPDX-License-Identifier: Apache-2.0
// What the shapes of MLP-Mixer's and ResMLP's tensors say.
#pragma once

#include <string>

#include "models/family.h"
#include "models/names/tensors.h"

namespace vitro::converter {

struct MixingShapes {
  size_t patch = 0;  // pixels, square
  size_t grid = 0;   // patches a side
  size_t width = 0, blocks = 0, hidden = 0, classes = 0;
  size_t mixing = 0;  // rows of the first linear over patches

  PixelSize image_size() const { return {grid * patch, grid * patch}; }
};

/// `mixing`: the tensor, of a block, of the first linear over patches, whose columns count them.
/// Throws InputError on shapes that are none of these models', that the runtime could not execute,
/// or that contradict the config; and on what only other families can do: adapters, prompts and
/// another size of picture.
MixingShapes mixing_shapes(const CheckedTensors& tensors, const std::string& mixing,
                           const FamilyOptions& options);

/// As settings, with the activation.
void add_mixing_settings(const MixingShapes& shapes, const FamilyOptions& options,
                         FamilyModel& model);

}  // namespace vitro::converter
