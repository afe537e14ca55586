// SPDX-License-Identifier: Apache-2.0
// The photos to evaluate on and their labels: from a CSV, from a folder of class folders, or
// without labels.
#pragma once

#include <string>
#include <vector>

#include "platforms/host/evaluation/class_names.h"

namespace vitro::host {

struct EvalPhoto {
  std::string path;
  int label = -1;  // class number; -1: none
};

struct PhotoSet {
  std::vector<EvalPhoto> photos;  // there is at least one
  bool labelled = false;          // all of them are, or none
  std::string how;  // how labels were found, for people; empty if there is nothing to say

  size_t root_size = 0;  // bytes of every path that name the common folder
  /// Within the folder of the photos.
  std::string name(size_t index) const { return photos[index].path.substr(root_size); }
};

/// `labels` is a CSV (then the photos are in `images`), a folder of class folders, or empty; with
/// an empty one, `images` is a folder of photos, or of class folders, whose names are then the
/// labels. Those of class folders come in torchvision's order: by class folder, then folder by
/// folder, by the bytes of their names; those of a CSV in its order. A class folder's name is a
/// class as ClassNames::find has it. If none of them is and there are as many as classes, they are
/// the classes in the order of their names, as torchvision's ImageFolder counts them. Throws
/// InputError.
PhotoSet find_photos(const std::string& images, const std::string& labels,
                     const ClassNames& classes);

}  // namespace vitro::host
