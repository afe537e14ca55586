// SPDX-License-Identifier: Apache-2.0
// What the files beside a model's weights say of it, each value with the place that says it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/base/preprocessing.h"

namespace vitro::converter {

/// A value and where it was read. An empty source: nothing says it.
template <typename T>
struct Said {
  T value{};
  std::string source;
  bool assumed = false;

  explicit operator bool() const { return !source.empty(); }
};

/// Sources of what is assumed begin with "assumed: ", in programs and calibrations as well.
template <typename T>
Said<T> said(const T& value, const std::string& source) {
  return {value, source, source.rfind("assumed: ", 0) == 0};
}

/// How a photo becomes a window of the model's size.
struct Resizing {
  ResizeMode mode = ResizeMode::ShorterSide;
  size_t width = 0, height = 0;  // pixels, as in Preprocessing
  PixelSize window;              // what is cut out
  double crop_pct = 0;  // timm: sides are floor(window / crop_pct); 0: not said in this way
};

struct PictureConfig {
  Said<Resizing> resizing;
  Said<ResizeFilter> filter;
  Said<Centring> centring;
  Said<std::array<uint8_t, 3>> fill;
  Said<Orientation> orientation;
  Said<float> rescale;
  Said<std::array<float, 3>> mean, std;
};

struct ModelConfig {
  Said<std::string> model_type;    // as transformers names the model
  Said<std::string> architecture;  // as timm names it, without the tag of its weights
  Said<size_t> heads, width, depth, mlp, patch, classes, registers;
  Said<size_t> window;                        // of attention within windows: its rows and columns
  Said<std::vector<size_t>> trained_windows;  // of each stage, those trained with first; 0: none
  Said<std::vector<size_t>> stage_blocks, stage_heads;  // of hierarchical models
  Said<PixelSize> image_size;                           // of a frame, where there are several
  Said<size_t> frames;
  Said<size_t> repeats;              // how often blocks of the same weights are run
  Said<size_t> cross_heads;          // of attention to the picture, where latents attend to it
  Said<std::string> attention_type;  // of clips, as transformers names them
  Said<float> epsilon;
  Said<std::string> activation;  // gelu, gelu_tanh, quick_gelu or swiglu
  Said<bool> qkv_bias;
  Said<float> rope_theta;  // the base of rotary positions' periods
  Said<std::string> pool;  // "token", "avg" or "map", as timm names them
  bool headless = false;   // the class that was saved has no classifier, whatever `classes` says
  Said<std::vector<std::string>> labels;
  size_t heads_at_width = 0;  // where `heads` holds for this width alone; 0: for any
  PictureConfig picture;
};

/// Throws InputError, naming both values and both sources, when both are said and differ.
void check_agreement(const std::string& path, const Said<size_t>& a, const Said<size_t>& b);
void check_agreement(const std::string& path, const Said<PixelSize>& a, const Said<PixelSize>& b);

}  // namespace vitro::converter
