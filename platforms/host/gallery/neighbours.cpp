// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/gallery/neighbours.h"

#include <algorithm>
#include <cmath>

namespace vitro::host {

namespace {

constexpr double kTemperature = 0.07;

// At most 2^16 products below 2^14: within int32.
int32_t product(const int8_t* a, const int8_t* b, size_t n) {
  int32_t sum = 0;
  for (size_t i = 0; i < n; ++i) sum += int32_t{a[i]} * b[i];
  return sum;
}

}  // namespace

std::vector<Neighbour> nearest(const Gallery& gallery, const std::vector<int8_t>& query, size_t k) {
  const double length =
      std::sqrt(static_cast<double>(product(query.data(), query.data(), query.size())));
  std::vector<Neighbour> all(gallery.files.size());
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = {i, static_cast<double>(product(query.data(), gallery.row(i), gallery.cols)) /
                     (length * gallery.lengths[i])};
  k = std::min(k, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(k), all.end(),
                    [](const Neighbour& a, const Neighbour& b) {
                      return a.cosine > b.cosine || (a.cosine == b.cosine && a.row < b.row);
                    });
  all.resize(k);
  return all;
}

std::vector<float> shares(const Gallery& gallery, const std::vector<Neighbour>& neighbours,
                          Vote vote) {
  std::vector<double> votes(gallery.classes.size());
  double sum = 0;
  for (const Neighbour& n : neighbours) {
    const uint32_t label = gallery.labels[n.row];
    if (label == Gallery::kNoClass) continue;
    // Shares stay as they are when all cosines are smaller by the same.
    const double weight =
        vote == Vote::Weighted ? std::exp((n.cosine - neighbours[0].cosine) / kTemperature) : 1;
    votes[label] += weight;
    sum += weight;
  }
  std::vector<float> out;
  out.reserve(votes.size());
  for (const double v : votes) out.push_back(sum > 0 ? static_cast<float>(v / sum) : 0);
  return out;
}

}  // namespace vitro::host
