#include "converter/graph/preprocessing.h"

#include <algorithm>

namespace vitro {

bool operator==(const Preprocessing& a, const Preprocessing& b) {
  return a.image_size == b.image_size && a.mode == b.mode && a.resize_width == b.resize_width && a.resize_height == b.resize_height && a.filter == b.filter &&
         a.centring == b.centring && std::equal(a.fill, a.fill + 3, b.fill) && a.orientation == b.orientation && a.rescale == b.rescale &&
         std::equal(a.mean, a.mean + 3, b.mean) && std::equal(a.std, a.std + 3, b.std);
}

}  // namespace vitro
