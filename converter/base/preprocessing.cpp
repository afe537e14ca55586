// SPDX-License-Identifier: Apache-2.0
#include "converter/base/preprocessing.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace vitro {

std::string text_of(PixelSize size) {
  const std::string width = std::to_string(size.width), height = std::to_string(size.height);
  return size.width == size.height ? width + "x" + height : height + " high, " + width + " wide";
}

std::string setting_of(PixelSize size) {
  return size.width == size.height ? std::to_string(size.width) : text_of(size);
}

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
  constexpr std::array<const char*, 5> kNames = {"shorter", "longer", "exact", "none", "cover"};
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
  const PixelSize size{p.resize_width, p.resize_height};
  switch (p.mode) {
    case ResizeMode::ShorterSide: return "shorter side to " + width + filter;
    case ResizeMode::LongerSide:
      return (size.width == size.height ? "longer side to " + width
                                        : "to fit into " + text_of(size)) +
             filter;
    case ResizeMode::Exact:
      return width + "x" + std::to_string(p.resize_height) + " whatever its shape" + filter;
    case ResizeMode::None: return "not resized";
    case ResizeMode::Cover: return "to cover " + text_of(size) + filter;
  }
  return "";
}

bool covers_window(const Preprocessing& p) {
  const size_t longest = std::max(p.image_width, p.image_height);
  switch (p.mode) {
    case ResizeMode::ShorterSide: return p.resize_width >= longest;
    case ResizeMode::Exact:
    case ResizeMode::Cover:
      return p.resize_width >= p.image_width && p.resize_height >= p.image_height;
    default: return false;
  }
}

bool takes_whole(const Preprocessing& p) {
  return p.mode == ResizeMode::Exact && p.resize_width == p.image_width &&
         p.resize_height == p.image_height;
}

std::string describe_window(const Preprocessing& p) {
  const std::string size = text_of(image_size(p));
  if (takes_whole(p)) return "taken whole";
  if (covers_window(p)) return "centre crop of " + size;
  return "centred on " + size + ", the rest filled with " + std::to_string(p.fill[0]) + "," +
         std::to_string(p.fill[1]) + "," + std::to_string(p.fill[2]);
}

}  // namespace vitro
