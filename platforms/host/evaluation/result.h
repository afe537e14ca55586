// SPDX-License-Identifier: Apache-2.0
// Everything that an evaluation finds, gathered photo by photo; the report writers read it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "platforms/host/evaluation/class_names.h"
#include "platforms/host/evaluation/confusion.h"
#include "platforms/host/evaluation/evaluate.h"
#include "platforms/host/evaluation/outside.h"
#include "platforms/host/evaluation/photos.h"
#include "platforms/host/evaluation/scores.h"
#include "platforms/host/evaluation/taxonomy.h"

namespace vitro::host {

struct Disagreement {
  size_t photo, program, outside;  // classes
};

struct EvalResult {
  static constexpr size_t kDisagreements =
      100;  // that are kept for each source of logits; the CSV of photos has all

  EvalResult(const PhotoSet& photo_set, const ClassNames& class_names,
             const std::vector<std::unique_ptr<OutsideLogits>>& sources, const Taxonomy* tree)
      : photos(photo_set),
        classes(class_names),
        outside(sources),
        taxonomy(tree),
        comparisons(sources.size()),
        disagreements(sources.size()) {}

  /// Answers come in the order of the photos, so that sums do not depend on the threads.
  void add(const PhotoAnswer& answer);

  const PhotoSet& photos;
  const ClassNames& classes;
  const std::vector<std::unique_ptr<OutsideLogits>>& outside;
  const Taxonomy* taxonomy;  // may be null
  std::string program, isa, linear;

  size_t answered = 0, failed = 0;
  Score score;          // of the program, on labelled photos
  Confusion confusion;  // likewise
  HierarchicalScore hierarchical;
  std::vector<Comparison> comparisons;  // one for each of outside
  std::vector<std::vector<Disagreement>> disagreements;
};

}  // namespace vitro::host
