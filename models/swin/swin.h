// SPDX-License-Identifier: Apache-2.0
// Swin Transformers of both versions: what their tensors and files say, and the float graph.
#pragma once

#include <string>
#include <vector>

#include "models/family.h"
#include "models/names/tensors.h"

namespace vitro::converter::swin {

struct SwinStage {
  size_t width = 0, blocks = 0, heads = 0, hidden = 0;
  std::string merge;  // what stands before its blocks; empty: nothing
  size_t window = 0;  // rows and columns
  /// Of the second version: of the windows that it was trained with first, by which relative
  /// positions are scaled; 0: its own.
  size_t trained_window = 0;
};

/// In which maps windows are moved, beyond those larger than a window in both axes.
enum class MovedAxes {
  Both,      // in no others
  Apart,     // each axis that has more than one window
  ByHeight,  // both axes, where the rows have more than one window
};

struct Swin {
  size_t patch = 0;
  PixelSize image;
  std::vector<SwinStage> stages;
  size_t classes = 0;  // 0: there is no head
  bool patch_norm = false;
  bool rolls_first = false;
  MovedAxes moved = MovedAxes::Both;
  float epsilon = 0;        // of every LayerNorm, but
  float merge_epsilon = 0;  // of those of the patches and of merged rows
  /// The second version (arXiv 2111.09883): cosine attention, relative positions by a small MLP,
  /// norms behind attention, MLP and the reduction of merged rows.
  bool second = false;
};

/// The name of a block's tensors, without what follows ".".
std::string swin_block(size_t stage, size_t block);

/// The tensor of a block of which a dimension counts the heads.
struct SwinHeads {
  const char* tensor;
  size_t rank, axis;
};

/// What tensors tell: all but windows, picture, epsilon and what differs between versions and
/// spellings. Throws InputError on what is not a Swin Transformer or too large.
Swin deduce_swin(const CheckedTensors& tensors, const SwinHeads& heads);

/// Sets the picture's size. Throws InputError where it is not whole patches.
void set_image(const CheckedTensors& tensors, const Said<PixelSize>& image, Swin& swin);

/// transformers gives layer_norm_eps to neither the norm of the patches nor those of merged rows,
/// which have PyTorch's default.
void set_epsilon(const FamilyStart& start, const Said<float>& epsilon, Swin& swin);

Graph build_swin(CheckedTensors& tensors, const Swin& swin);

struct SwinSources {
  Said<PixelSize> image;
  Said<float> epsilon;
  const char* heads_from = "";  // which tensors tell the heads
};

/// What both families say of a model, but for its windows, and keep for its calibration. Throws
/// InputError where the config is of another model.
void add_swin_settings(const Swin& swin, const SwinSources& sources, const FamilyOptions& options,
                       FamilyModel& model);

}  // namespace vitro::converter::swin
