// SPDX-License-Identifier: Apache-2.0
// How often the right class is named, and how near the program's logits are to those from outside.
// Sums over photos, in their order.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace vitro::host {

struct Score {
  size_t photos = 0, top1 = 0, top5 = 0;

  /// top: the five best classes, the best first; or all, if there are fewer.
  void add(const std::vector<size_t>& top, size_t label);
  double share1() const {
    return photos ? static_cast<double>(top1) / static_cast<double>(photos) : 0;
  }
  double share5() const {
    return photos ? static_cast<double>(top5) / static_cast<double>(photos) : 0;
  }
};

/// Logits from outside for one photo, beside the program's.
struct OutsideAnswer {
  std::vector<size_t> top;       // their five best classes
  double signal = 0, noise = 0;  // energy of the outside logits, and of the difference
};

OutsideAnswer compare(const std::vector<float>& logits, const std::vector<float>& outside);

/// 10 log10 of the energy of the outside logits over that of the difference.
double sqnr_db(double signal, double noise);

struct Comparison {
  size_t photos = 0, agreed = 0;  // agreed: the same best class
  double signal = 0, noise = 0;
  Score score;  // of the outside logits themselves, on labelled photos

  /// label: -1 if there is none.
  void add(const std::vector<size_t>& top, const OutsideAnswer& outside, int label);
  double agreement() const {
    return photos ? static_cast<double>(agreed) / static_cast<double>(photos) : 0;
  }
};

}  // namespace vitro::host
