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
  struct Size {
    size_t width = 0, height = 0;  // pixels; equal for modes with one size
  };
  std::optional<Size> resize;
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

/// As a saved calibration has it. `source` tells by a setting's name where that was read.
PictureConfig picture_of(const Preprocessing& saved,
                         const std::function<std::string(const char*)>& source);

/// `assumed` says everything. Appends a setting for each value that decides. Throws InputError,
/// naming the source, on a window of another size than image_size (unless that was given: then
/// sizes follow it), and on a --resize that does not cover it.
Preprocessing settle_picture(const PictureOptions& options, const PictureConfig& config,
                             const PictureConfig& saved, const PictureConfig& assumed,
                             const Said<size_t>& image_size, bool image_size_is_given,
                             const std::string& path, std::vector<Setting>& settings);

}  // namespace vitro::converter
