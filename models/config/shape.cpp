// SPDX-License-Identifier: Apache-2.0
#include "models/config/shape.h"

#include <cmath>

namespace vitro::converter {

Said<PixelSize> sides_of(const JsonObject& object, const char* key) {
  if (!object.has(key)) return {};
  const std::vector<double> sides = *object.numbers(key, 1, 65536);
  if (sides.size() > 2)
    object.refuse(key, "is " + object.shown(key) + ", not a height and a width", "correct it");
  for (const double side : sides)
    if (side != std::floor(side))
      object.refuse(key, "is " + object.shown(key) + ", not whole numbers", "correct it");
  return {{static_cast<size_t>(sides.back()), static_cast<size_t>(sides[0])},
          object.source(key),
          false};
}

Said<size_t> patch_of(const JsonObject& object) {
  const Said<PixelSize> size = sides_of(object, "patch_size");
  if (size.value.width != size.value.height)
    object.refuse(
        "patch_size",
        "is " + object.shown("patch_size") + ": patches " + text_of(size.value) + " are not square",
        "give a model of square patches");
  return {size.value.width, size.source, false};
}

void add_windows_of(const JsonObject& object, ModelConfig& config) {
  if (const auto window = object.whole("window_size", 1, kMaxPixels))
    config.window = {*window, object.source("window_size"), false};
  constexpr char kTrained[] = "pretrained_window_sizes";
  if (!object.has(kTrained)) return;
  config.trained_windows = {{}, object.source(kTrained), false};
  const std::vector<double> windows = *object.numbers(kTrained, 0, kMaxPixels);
  for (const double window : windows) {
    if (window != std::floor(window))
      object.refuse(kTrained, "is " + object.shown(kTrained) + ", not whole numbers", "correct it");
    config.trained_windows.value.push_back(static_cast<size_t>(window));
  }
}

}  // namespace vitro::converter
