// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/evaluation/scores.h"

#include <algorithm>
#include <cmath>

#include "platforms/host/inference.h"

namespace vitro::host {

void Score::add(const std::vector<size_t>& top, size_t label) {
  ++photos;
  top1 += top[0] == label;
  top5 += std::find(top.begin(), top.end(), label) != top.end();
}

OutsideAnswer compare(const std::vector<float>& logits, const std::vector<float>& outside) {
  OutsideAnswer answer;
  answer.top = top_indices(outside, 5);
  for (size_t c = 0; c < logits.size(); ++c) {
    const double want = static_cast<double>(outside[c]),
                 difference = static_cast<double>(logits[c]) - want;
    answer.signal += want * want;
    answer.noise += difference * difference;
  }
  return answer;
}

double sqnr_db(double signal, double noise) {
  return 10 * std::log10(std::max(signal, 1e-30) / std::max(noise, 1e-30));
}

void Comparison::add(const std::vector<size_t>& top, const OutsideAnswer& outside, int label) {
  ++photos;
  agreed += top[0] == outside.top[0];
  signal += outside.signal;
  noise += outside.noise;
  if (label >= 0) score.add(outside.top, static_cast<size_t>(label));
}

}  // namespace vitro::host
