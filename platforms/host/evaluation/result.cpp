// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/result.h"

namespace vitro::host {

void EvalResult::add(const PhotoAnswer& answer) {
  if (!answer.fault.empty()) {
    ++failed;
    return;
  }
  ++answered;
  const int label = photos.photos[answer.index].label;
  const size_t predicted = answer.top[0];
  if (label >= 0) {
    const size_t right = static_cast<size_t>(label);
    score.add(answer.top, right);
    confusion.add(right, predicted);
    if (taxonomy) hierarchical.add(taxonomy->distance(right, predicted), predicted == right);
  }
  for (size_t i = 0; i < outside.size(); ++i) {
    comparisons[i].add(answer.top, answer.outside[i], label);
    const size_t other = answer.outside[i].top[0];
    if (other != predicted && disagreements[i].size() < kDisagreements)
      disagreements[i].push_back({answer.index, predicted, other});
  }
}

}  // namespace vitro::host
