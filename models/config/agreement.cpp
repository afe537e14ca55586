// SPDX-License-Identifier: Apache-2.0
#include "models/config/agreement.h"

namespace vitro::converter {

void check_agreement(const std::string& path, const ModelConfig& config,
                     const ModelShapes& shapes) {
  check_agreement(path, config.image_size, shapes.image_size);
  check_agreement(path, config.patch, shapes.patch);
  check_agreement(path, config.width, shapes.width);
  check_agreement(path, config.depth, shapes.blocks);
  check_agreement(path, config.mlp, shapes.mlp);
  check_agreement(path, config.classes, shapes.classes);
  check_agreement(path, config.registers, shapes.registers);
}

std::vector<Setting> shape_settings(const ModelShapes& shapes) {
  std::vector<Setting> out;
  const Said<PixelSize>& size = shapes.image_size;
  if (size) out.push_back({"image_size", setting_of(size.value), "shapes: " + size.source, false});
  const auto add = [&](const char* name, const Said<size_t>& said) {
    if (said) out.push_back({name, std::to_string(said.value), "shapes: " + said.source, false});
  };
  add("patch", shapes.patch);
  add("width", shapes.width);
  add("blocks", shapes.blocks);
  add("mlp", shapes.mlp);
  add("prefix_tokens", shapes.prefix_tokens);
  if (shapes.classes.value > 0) add("classes", shapes.classes);
  return out;
}

}  // namespace vitro::converter
