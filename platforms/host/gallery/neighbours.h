// SPDX-License-Identifier: Apache-2.0
// The rows of a gallery that are nearest to one, and what they say it is. Exact sums of int8
// products: the same neighbours on every machine.
#pragma once

#include <string>
#include <vector>

#include "platforms/host/gallery/gallery.h"

namespace vitro::host {

struct Neighbour {
  size_t row = 0;
  double cosine = 0;
};

/// The k rows with the largest cosine to `query` [cols], which is not all 0, the largest first;
/// equal ones in the order of their rows. Fewer where the gallery has fewer.
std::vector<Neighbour> nearest(const Gallery& gallery, const std::vector<int8_t>& query, size_t k);

enum class Vote {
  Weighted,  // exp(cosine / 0.07), as DINO's k-NN classifier (Caron et al., 2021) counts
  Plain,     // one each
};

/// The share of the neighbours' votes that each class has; rows without a class do not vote. All 0
/// where none votes.
std::vector<float> shares(const Gallery& gallery, const std::vector<Neighbour>& neighbours,
                          Vote vote);

}  // namespace vitro::host
