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

}  // namespace vitro::converter
