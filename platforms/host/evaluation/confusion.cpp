// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/confusion.h"

#include <algorithm>

namespace vitro::host {

namespace {

double share(uint64_t part, uint64_t whole) {
  return whole ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

Measures measures_of(uint64_t right, uint64_t predicted, uint64_t labelled) {
  return {share(right, predicted), share(right, labelled), share(2 * right, predicted + labelled)};
}

}  // namespace

void Confusion::add(size_t label, size_t predicted) { ++cells_[{label, predicted}]; }

std::vector<ClassScore> Confusion::classes() const {
  std::map<size_t, ClassScore> scores;
  for (const auto& [pair, count] : cells_) {
    scores[pair.first].labelled += count;
    scores[pair.second].predicted += count;
    if (pair.first == pair.second) scores[pair.first].right += count;
  }
  std::vector<ClassScore> out;
  for (auto& [index, score] : scores) {
    score.index = index;
    score.measures = measures_of(score.right, score.predicted, score.labelled);
    out.push_back(score);
  }
  return out;
}

Measures Confusion::micro() const {
  uint64_t right = 0, predicted = 0, labelled = 0;
  for (const ClassScore& score : classes()) {
    right += score.right;
    predicted += score.predicted;
    labelled += score.labelled;
  }
  return measures_of(right, predicted, labelled);
}

Measures Confusion::macro() const {
  const std::vector<ClassScore> all = classes();
  Measures sum;
  for (const ClassScore& score : all) {
    sum.precision += score.measures.precision;
    sum.recall += score.measures.recall;
    sum.f1 += score.measures.f1;
  }
  const double n = all.empty() ? 1 : static_cast<double>(all.size());
  return {sum.precision / n, sum.recall / n, sum.f1 / n};
}

std::vector<ConfusionCell> Confusion::cells() const {
  std::vector<ConfusionCell> out;
  for (const auto& [pair, count] : cells_) out.push_back({pair.first, pair.second, count});
  return out;
}

std::vector<ConfusionCell> Confusion::worst(size_t most) const {
  std::vector<ConfusionCell> out = cells();
  out.erase(std::remove_if(out.begin(), out.end(),
                           [](const ConfusionCell& cell) { return cell.label == cell.predicted; }),
            out.end());
  std::stable_sort(out.begin(), out.end(), [](const ConfusionCell& a, const ConfusionCell& b) {
    return a.count > b.count;
  });
  if (out.size() > most) out.resize(most);
  return out;
}

}  // namespace vitro::host
