// SPDX-License-Identifier: Apache-2.0
#include "models/mixing.h"

#include <cmath>

#include "converter/base/error.h"
#include "models/config/agreement.h"

namespace vitro::converter {
namespace {

void refuse_adapters(const AdapterOptions& adapters) {
  constexpr char leave_out[] = "leave it out";
  if (!adapters.lora.empty()) throw InputError("--lora", "is for models with attention", leave_out);
  if (!adapters.prompts.empty())
    throw InputError("--prompt-tokens", "is for models with attention", leave_out);
  if (adapters.image_size != PixelSize{})
    throw InputError("--image-size",
                     "is given, but a linear over patches has weights for one number of them",
                     leave_out);
}

ModelShapes shapes_of(const MixingShapes& s) {
  ModelShapes out;
  out.image_size = {s.image_size(), "the picture's side by the linear over patches", false};
  out.patch = {s.patch, "the side of the patch embedding", false};
  out.width = {s.width, "the width of the patch embedding", false};
  out.blocks = {s.blocks, "the number of blocks", false};
  out.mlp = {s.hidden, "the width of the first MLP", false};
  out.classes = {s.classes, "the number of rows of the head", false};
  return out;
}

}  // namespace

MixingShapes mixing_shapes(const CheckedTensors& tensors, const std::string& mixing,
                           const FamilyOptions& options) {
  refuse_adapters(options.adapters);
  MixingShapes s;
  const std::vector<size_t>& patches = tensors.shape("patch_embed.proj.weight", 4);
  if (patches[1] != 3 || patches[2] != patches[3])
    tensors.refuse("its patches are not square and RGB");
  s.width = patches[0], s.patch = patches[3];
  s.blocks = tensors.blocks();
  const std::vector<size_t>& linear = tensors.shape("blocks.0." + mixing, 2);
  s.mixing = linear[0];
  s.grid = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(linear[1]))));
  if (s.grid * s.grid != linear[1])
    tensors.refuse(
        "its " + std::to_string(linear[1]) + " patches are not those of a square picture",
        "give a model of square pictures");
  s.hidden = tensors.shape("blocks.0.mlp.fc1.weight", 2)[0];
  s.classes = tensors.shape("head.weight", 2)[0];
  if (s.width % 4 != 0)
    tensors.refuse("its width of " + std::to_string(s.width) + " is not a multiple of 4");
  tensors.check_size("its width", s.width, kLargestWidth);
  tensors.check_size("its MLP's width", s.hidden, kLargestInput);
  tensors.check_size("its MLP's width over patches", s.mixing, kLargestInput);
  tensors.check_size("the number of values of a patch,", s.patch * s.patch * 3, kLargestInput);
  tensors.check_size("the number of its patches,", linear[1], kLargestInput);
  if (!options.config_path.empty())
    check_agreement(options.config_path, options.config, shapes_of(s));
  return s;
}

void add_mixing_settings(const MixingShapes& shapes, const FamilyOptions& options,
                         FamilyModel& model) {
  model.show(shapes_of(shapes));
  const Said<std::string> activation =
      options.config.activation
          ? options.config.activation
          : Said<std::string>{"gelu", "assumed: usual for these models", true};
  if (activation.value != "gelu")
    throw InputError(activation.source, "is " + activation.value + ", and these models have gelu",
                     "give files that belong together");
  model.show("activation", activation);
  model.image_size_from = "by its linears over patches";
}

}  // namespace vitro::converter
