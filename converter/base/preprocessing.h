// SPDX-License-Identifier: Apache-2.0
// How a photo becomes the picture that a graph takes. The names are those of program.fbs, because
// programs contain it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace vitro {

/// Pillow's resampling filters; all but Nearest antialias. Values as in program.fbs.
enum class ResizeFilter : uint8_t {
  Bilinear = 0,
  Bicubic = 1,
  Nearest = 2,
  Box = 3,
  Hamming = 4,
  Lanczos = 5
};

/// Values as in program.fbs.
enum class ResizeMode : uint8_t {
  ShorterSide = 0,  // the shorter side becomes resize_width (== resize_height), the longer one in
                    // proportion, truncated: torchvision's Resize(int), transformers' shortest_edge
  LongerSide = 1,   // the largest size in proportion that fits in resize_width x resize_height,
                    // rounded half to even: timm's crop_mode "border" (letterbox)
  Exact = 2,  // resize_width x resize_height for any proportions of the photo: timm's "squash",
              // transformers' height and width
  None = 3,   // not resized; resize_width and resize_height are 0
  Cover = 4,  // the smallest size in proportion that covers resize_width x resize_height, rounded
              // half to even: timm's centre crop of pictures that are not square
};

/// How the margin to the left of and above the window is rounded where the difference is odd.
/// Values as in program.fbs.
enum class Centring : uint8_t {
  HalfEven = 0,  // rounded half to even: torchvision's and timm's centre crop
  Floor = 1,     // rounded down: transformers' centre crop
};

/// Whether the photo's EXIF or eXIf orientation is applied. Values as in program.fbs.
enum class Orientation : uint8_t { Ignore = 0, Apply = 1 };

/// Along which axis a photo is resized first; pixels are rounded between the two passes. Values as
/// in program.fbs.
enum class PassOrder : uint8_t {
  RowsFirst = 0,  // every row, then every column: Pillow before version 13
  Pillow13 = 1,   // columns first where the height loses more than twice as many pixels as the
                  // width, else rows first
};

/// In pixels.
struct PixelSize {
  size_t width = 0, height = 0;
};
inline bool operator==(PixelSize a, PixelSize b) {
  return a.width == b.width && a.height == b.height;
}
inline bool operator!=(PixelSize a, PixelSize b) { return !(a == b); }

/// "224x224" for a square; otherwise "96 high, 160 wide", since people write either side first.
std::string text_of(PixelSize size);
/// The same, but "224" for a square, as settings have it.
std::string setting_of(PixelSize size);

/// A photo is turned upright and resized; then the window of image_width x image_height around its
/// centre is cut out. Where the resized photo is smaller than the window, the rest is `fill`. Last
/// comes (pixel * rescale - mean) / std, which is folded into the weights.
struct Preprocessing {
  size_t image_width = 0, image_height = 0;  // pixels: what the graph takes
  ResizeMode mode = ResizeMode::ShorterSide;
  size_t resize_width = 0, resize_height = 0;  // pixels
  ResizeFilter filter = ResizeFilter::Bicubic;
  Centring centring = Centring::HalfEven;
  uint8_t fill[3] = {0, 0, 0};  // RGB
  Orientation orientation = Orientation::Ignore;
  PassOrder passes = PassOrder::Pillow13;
  float rescale = 1.0f / 255;                // this value means 1/255 exactly
  float mean[3] = {0.485f, 0.456f, 0.406f};  // of pixel * rescale
  float std[3] = {0.229f, 0.224f, 0.225f};
};

inline PixelSize image_size(const Preprocessing& p) { return {p.image_width, p.image_height}; }
/// The bytes of the picture that the graph takes: rows of (x, channel), uint8 RGB.
inline size_t picture_bytes(const Preprocessing& p) { return p.image_width * p.image_height * 3; }

bool operator==(const Preprocessing& a, const Preprocessing& b);
inline bool operator!=(const Preprocessing& a, const Preprocessing& b) { return !(a == b); }

/// The names in options and in JSON: nearest, box, bilinear, hamming, bicubic, lanczos; shorter,
/// longer, exact, none, cover; half-even, floor; apply, ignore.
const char* name_of(ResizeFilter filter);
const char* name_of(ResizeMode mode);
const char* name_of(Centring centring);
const char* name_of(Orientation orientation);
std::optional<ResizeFilter> filter_by_name(const std::string& name);

/// Whether every resized photo is at least as large as the window, so that nothing is filled.
bool covers_window(const Preprocessing& p);
/// Whether every resized photo has exactly the size of the window.
bool takes_whole(const Preprocessing& p);

/// The shortest text that gives the same number when it is read.
std::string text_of(float value);
std::string text_of(const float (&rgb)[3]);

/// How photos are resized, in words: "shorter side to 256 (bicubic)", "256x256 whatever its shape
/// (bilinear)", "not resized".
std::string describe_resize(const Preprocessing& p);
/// "centre crop of 224x224", "taken whole", "centred on 224x224, the rest filled with 124,116,104".
std::string describe_window(const Preprocessing& p);

}  // namespace vitro
