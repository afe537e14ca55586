// SPDX-License-Identifier: Apache-2.0
// Which classes are taken for which, and what follows from it: precision, recall and F1.
// Definitions and conventions: README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace vitro::host {

struct Measures {
  double precision = 0, recall = 0, f1 = 0;
};

struct ClassScore {
  size_t index = 0;
  uint64_t labelled = 0, predicted = 0, right = 0;  // photos
  Measures measures;
};

struct ConfusionCell {
  size_t label, predicted;
  uint64_t count;
};

class Confusion {
 public:
  void add(size_t label, size_t predicted);

  /// Of every class that is some photo's label or prediction, in class order.
  std::vector<ClassScore> classes() const;
  Measures micro() const;
  /// The mean over classes().
  Measures macro() const;
  /// Those that are not 0, by label, then by prediction.
  std::vector<ConfusionCell> cells() const;
  /// The mistakes that are made most often, at most `most` of them; equal ones in the order of
  /// cells().
  std::vector<ConfusionCell> worst(size_t most) const;

 private:
  std::map<std::pair<size_t, size_t>, uint64_t>
      cells_;  // sparse: no more of them than photos, whatever the number of classes
};

}  // namespace vitro::host
