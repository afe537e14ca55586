// SPDX-License-Identifier: Apache-2.0
#include "models/config/shape.h"

#include <cmath>

namespace vitro::converter {
namespace {

Said<std::vector<size_t>> counts_of(const JsonObject& object, const char* key, double low,
                                    double high) {
  if (!object.has(key)) return {};
  Said<std::vector<size_t>> out{{}, object.source(key), false};
  const std::vector<double> numbers = *object.numbers(key, low, high);
  for (const double number : numbers) {
    if (number != std::floor(number))
      object.refuse(key, "is " + object.shown(key) + ", not whole numbers", "correct it");
    out.value.push_back(static_cast<size_t>(number));
  }
  return out;
}

}  // namespace

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

void add_stages_of(const JsonObject& object, ModelConfig& config) {
  if (const auto window = object.whole("window_size", 1, kMaxPixels))
    config.window = {*window, object.source("window_size"), false};
  if (const auto trained = counts_of(object, "pretrained_window_sizes", 0, kMaxPixels))
    config.trained_windows = trained;
  config.stage_blocks = counts_of(object, "depths", 1, kMaxCount);
  if (object.is_list("num_heads"))
    config.stage_heads = counts_of(object, "num_heads", 1, kMaxCount);
}

}  // namespace vitro::converter
