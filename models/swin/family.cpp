// SPDX-License-Identifier: Apache-2.0
// Swin Transformer, its first version (arXiv 2103.14030).
#include "models/family.h"

#include <algorithm>
#include <cmath>

#include "models/swin/names.h"
#include "models/swin/swin.h"

namespace vitro::converter::swin {
namespace {

constexpr char kTable[] = ".attn.relative_position_bias_table";

size_t window_of(const CheckedTensors& tensors) {
  const size_t rows = tensors.shape(swin_block(0, 0) + kTable, 2)[0];
  const auto reach = static_cast<size_t>(std::llround(std::sqrt(static_cast<double>(rows))));
  if (reach * reach != rows || reach % 2 == 0)
    tensors.refuse("its " + std::to_string(rows) +
                   " relative positions are not those of a square window");
  return (reach + 1) / 2;
}

// No tensor tells the picture's size.
Said<PixelSize> picture_of(const Swin& swin, const FamilyOptions& options) {
  if (options.adapters.image_size != PixelSize{})
    return {options.adapters.image_size, "--image-size", false};
  if (options.config.image_size) return options.config.image_size;
  const size_t side = swin.stages[0].window * swin.patch << (swin.stages.size() - 1);
  return {{side, side}, "assumed: the last stage is one window", true};
}

// Only torchvision fills such maps up; others take smaller windows, which have other tables.
void refuse_small_maps(const CheckedTensors& tensors, const Swin& s, const Said<PixelSize>& image) {
  size_t least = std::min(s.image.height, s.image.width) / s.patch;
  for (size_t stage = 1; stage < s.stages.size(); ++stage) least = (least + 1) / 2;
  if (least < s.stages[0].window)
    tensors.refuse("of a picture of " + setting_of(s.image) + " pixels (" + image.source +
                       ") the last stage has " + std::to_string(least) +
                       " rows or columns, fewer than the window of " +
                       std::to_string(s.stages[0].window),
                   "give a larger --image-size");
}

FamilyModel build(const Checkpoint& checkpoint, const FamilyOptions& options) {
  FamilyStart start(checkpoint, options, naming(), "Swin");
  FamilyModel& model = start.model;
  CheckedTensors tensors(checkpoint.path, naming(), start.views);
  start.refuse_adapters();

  Swin swin = deduce_swin(tensors, {kTable, 2, 1});
  const size_t window = window_of(tensors);
  for (SwinStage& stage : swin.stages) stage.window = window;
  const bool torchvision = start.names.spelling == "torchvision";
  swin.rolls_first = swin.stages.size() > 1 && start.names.spelling == "timm" &&
                     !tensors.has("stages.0.merge.reduction.weight");
  if (swin.rolls_first || torchvision) swin.moved = MovedAxes::Apart;
  SwinSources sources;
  sources.heads_from = "the columns of relative_position_bias_table";
  sources.epsilon = start.epsilon(1e-5f);
  set_epsilon(start, sources.epsilon, swin);
  sources.image = picture_of(swin, options);
  set_image(tensors, sources.image, swin);
  if (!torchvision) refuse_small_maps(tensors, swin, sources.image);
  const Said<size_t> said{window, "the rows of relative_position_bias_table", false};
  check_agreement(options.config_path, options.config.window, said);
  model.graph = build_swin(tensors, swin);
  add_swin_settings(swin, sources, options, model);
  model.show("window", {std::to_string(window), said.source});
  model.image_size_from = "by its windows";
  return std::move(model);
}

TimmArchitecture timm_swin(const std::string& name) {
  TimmArchitecture out;
  out.known = name.rfind("swin_", 0) == 0;
  if (out.known) out.epsilon = 1e-5f;
  return out;
}

}  // namespace

const Family& family() {
  static const Family family{"swin",
                             "Swin Transformer (the first version)",
                             {{"epsilon", "epsilon of every LayerNorm"}},
                             {{"swin", "Swin", 1e-5f, "", false}},
                             timm_swin,
                             "swin_*",
                             naming,
                             build};
  return family;
}

}  // namespace vitro::converter::swin
