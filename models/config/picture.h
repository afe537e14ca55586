// SPDX-License-Identifier: Apache-2.0
// Settles how photos are prepared: options come before the model's own files, these before a saved
// calibration, that before assumptions.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "converter/base/setting.h"
#include "models/config/model_config.h"

namespace vitro::converter {

/// What the command line says of the preprocessing.
struct PictureOptions {
  std::optional<PixelSize> resize;  // equal sides for modes with one size
  std::optional<ResizeMode> mode;
  std::optional<ResizeFilter> filter;
  std::optional<Centring> centring;
  std::optional<std::array<uint8_t, 3>> fill;
  std::optional<Orientation> orientation;
  std::optional<float> rescale;
  std::optional<std::array<float, 3>> mean, std;

  /// Whether nothing but these says how photos are resized.
  bool say_resizing() const { return mode && (resize || *mode == ResizeMode::None); }
};

/// Where nothing says more: photos are resized to a little more than the crop, as by timm and DeiT;
/// tiny pictures (CIFAR) are taken whole.
Preprocessing usual_preprocessing(PixelSize image);

/// What is said of the preprocessing, the first before the second and so on; `assumed` says
/// everything.
struct PictureSources {
  const PictureOptions& options;
  const PictureConfig &config, &saved, &assumed;
};

/// As a saved calibration has it. `source` tells by a setting's name where that was read.
PictureConfig picture_of(const Preprocessing& saved,
                         const std::function<std::string(const char*)>& source);

/// Of a picture of `frames` frames, one below another, where what is said is of one of them: the
/// whole is resized as it is, so that frames of the model's size stay as they are.
void resize_clip(Said<Resizing>& resizing, PixelSize clip, size_t frames);

/// Appends a setting for each value that decides. Throws InputError, naming the source, on a window
/// of another size than `image` (unless that was given: then sizes follow it), and on a --resize
/// that does not cover it.
Preprocessing settle_picture(const PictureSources& sources, const Said<PixelSize>& image,
                             bool image_size_is_given, const std::string& path,
                             std::vector<Setting>& settings);

}  // namespace vitro::converter
