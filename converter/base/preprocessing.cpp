// SPDX-License-Identifier: Apache-2.0
#include "converter/base/preprocessing.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace vitro {

bool operator==(const Preprocessing& a, const Preprocessing& b) {
  return a.image_width == b.image_width && a.image_height == b.image_height && a.mode == b.mode &&
         a.resize_width == b.resize_width && a.resize_height == b.resize_height &&
         a.filter == b.filter && a.centring == b.centring &&
         std::equal(a.fill, a.fill + 3, b.fill) && a.orientation == b.orientation &&
         a.passes == b.passes && a.rescale == b.rescale && std::equal(a.mean, a.mean + 3, b.mean) &&
         std::equal(a.std, a.std + 3, b.std);
}

const char* name_of(ResizeFilter filter) {
  constexpr std::array<const char*, 6> kNames = {"bilinear", "bicubic", "nearest",
                                                 "box",      "hamming", "lanczos"};
  return kNames[static_cast<size_t>(filter)];
}

const char* name_of(ResizeMode mode) {
  constexpr std::array<const char*, 4> kNames = {"shorter", "longer", "exact", "none"};
  return kNames[static_cast<size_t>(mode)];
}

const char* name_of(Centring centring) {
  return centring == Centring::Floor ? "floor" : "half-even";
}
const char* name_of(Orientation orientation) {
  return orientation == Orientation::Apply ? "apply" : "ignore";
}

std::optional<ResizeFilter> filter_by_name(const std::string& name) {
  for (uint8_t i = 0; i <= static_cast<uint8_t>(ResizeFilter::Lanczos); ++i)
    if (name == name_of(static_cast<ResizeFilter>(i))) return static_cast<ResizeFilter>(i);
  return std::nullopt;
}

std::string text_of(float value) {
  char text[32];
  for (int digits = 6; digits <= 9; ++digits) {
    std::snprintf(text, sizeof text, "%.*g", digits, static_cast<double>(value));
    if (std::strtof(text, nullptr) == value) break;
  }
  return text;
}

std::string text_of(const float (&rgb)[3]) {
  return text_of(rgb[0]) + "," + text_of(rgb[1]) + "," + text_of(rgb[2]);
}

std::string describe_resize(const Preprocessing& p) {
  const std::string filter = std::string(" (") + name_of(p.filter) + ")",
                    width = std::to_string(p.resize_width);
  switch (p.mode) {
    case ResizeMode::ShorterSide: return "shorter side to " + width + filter;
    case ResizeMode::LongerSide: return "longer side to " + width + filter;
    case ResizeMode::Exact:
      return width + "x" + std::to_string(p.resize_height) + " whatever its shape" + filter;
    case ResizeMode::None: return "not resized";
  }
  return "";
}

std::string describe_window(const Preprocessing& p) {
  const std::string size = std::to_string(p.image_width) + "x" + std::to_string(p.image_height);
  if (p.mode == ResizeMode::Exact && p.resize_width == p.image_width &&
      p.resize_height == p.image_height)
    return "taken whole";
  if ((p.mode == ResizeMode::ShorterSide || p.mode == ResizeMode::Exact) &&
      p.resize_width >= p.image_width && p.resize_height >= p.image_height)
    return "centre crop of " + size;
  return "centred on " + size + ", the rest filled with " + std::to_string(p.fill[0]) + "," +
         std::to_string(p.fill[1]) + "," + std::to_string(p.fill[2]);
}

}  // namespace vitro
