// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/static_scales.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>

#include "converter/base/parallel.h"
#include "converter/graph/node_fault.h"
#include "runtime/core/bounds.h"
#include "runtime/kernels/law.h"

namespace vitro::converter {

namespace {

constexpr float kSteps = 254;   // from -127 to 127
constexpr size_t kBins = 4096;  // of a histogram
constexpr int kClips =
    24;  // candidates for either end of a range: the whole of it, and less and less
constexpr float kClipStep = 0.03f;
constexpr float kLargestScale =
    64;  // of a static linear: an output step for so many products of an input and a weight step
constexpr int kFraction = 16;  // the law's units of static scales are 2^-16

struct Histogram {
  float lowest = 0, highest = 0;
  std::vector<uint64_t> count = std::vector<uint64_t>(kBins, 0);

  float centre(size_t bin) const {
    return lowest +
           (highest - lowest) * (static_cast<float>(bin) + 0.5f) / static_cast<float>(kBins);
  }
};

Histogram histogram_of(size_t pictures, const PictureValues& values, size_t threads) {
  std::vector<StaticRange> ends(pictures);
  parallel_for(pictures, threads, [&](size_t i) {
    for (const float x : values(i))
      ends[i] = {std::min(ends[i].lowest, x), std::max(ends[i].highest, x)};
  });
  Histogram total;
  for (const StaticRange& end : ends)
    total.lowest = std::min(total.lowest, end.lowest),
    total.highest = std::max(total.highest, end.highest);
  total.highest = std::max(total.highest, total.lowest + 1e-20f);
  const float bins_per_unit = static_cast<float>(kBins) / (total.highest - total.lowest);
  std::vector<std::vector<uint64_t>> counts(
      std::min<size_t>(std::max<size_t>(threads, 1), pictures), std::vector<uint64_t>(kBins, 0));
  parallel_for(counts.size(), threads, [&](size_t lane) {
    for (size_t i = lane; i < pictures; i += counts.size())
      for (const float x : values(i))
        ++counts[lane]
                [std::min(kBins - 1, static_cast<size_t>((x - total.lowest) * bins_per_unit))];
  });
  for (const auto& lane : counts)
    for (size_t b = 0; b < kBins; ++b) total.count[b] += lane[b];
  return total;
}

// A histogram's bin that holds values.
struct Bin {
  float centre;
  double count, seen;  // seen: what the values' reader makes of the centre
};

// Of the values, rounded to the range's steps, as their reader sees them. Ends early, with a part
// of the error, where that alone is larger than `least`.
double squared_error(const std::vector<Bin>& bins, const StaticRange& range,
                     const std::function<double(double)>& seen_by, double least) {
  const StaticScale scale(range);
  std::array<double, 256> levels;
  for (size_t i = 0; i < levels.size(); ++i)
    levels[i] =
        seen_by(static_cast<double>(scale.unit) * (static_cast<int>(i) - 128 - scale.zero_point));
  const float inverse = 1 / scale.unit;
  double error = 0;
  for (const Bin& bin : bins) {
    const float q =
        std::clamp(std::nearbyint(bin.centre * inverse) + static_cast<float>(scale.zero_point),
                   -127.0f, 127.0f);
    const double difference = levels[static_cast<size_t>(q + 128)] - bin.seen;
    error += bin.count * difference * difference;
    if (error > least) break;
  }
  return error;
}

int32_t rounded_bias(double y, double scale) {
  return static_cast<int32_t>(std::nearbyint(std::clamp(y / scale, -0x1p30, 0x1p30)));
}

float largest_in(const Matrix& m) {
  float largest = 0;
  for (const float x : m.data) largest = std::max(largest, std::abs(x));
  return largest;
}

double product(const float* weights, const std::vector<double>& mean) {
  double sum = 0;
  for (size_t c = 0; c < mean.size(); ++c) sum += static_cast<double>(weights[c]) * mean[c];
  return sum;
}

void set_params(Activations& a, size_t picture, int32_t zero_point) {
  std::fill_n(a.row_params(picture), a.rows, RowParams{1.0f, zero_point});
}

}  // namespace

StaticScale::StaticScale(const StaticRange& range, float finest) {
  unit = std::max((range.highest - range.lowest) / kSteps, finest);
  zero_point = static_cast<int32_t>(
      std::clamp(std::nearbyint(-127.0f - range.lowest / unit), -127.0f, 127.0f));
}

StaticRange search_range(size_t pictures, const PictureValues& values, bool symmetric,
                         size_t threads, const std::function<double(double)>& seen_by) {
  const Histogram h = histogram_of(pictures, values, threads);
  std::vector<Bin> bins;
  for (size_t b = 0; b < kBins; ++b)
    if (h.count[b] > 0)
      bins.push_back({h.centre(b), static_cast<double>(h.count[b]),
                      seen_by(static_cast<double>(h.centre(b)))});
  const float magnitude = std::max(-h.lowest, h.highest);
  std::vector<StaticRange> candidates;
  for (int high = 0; high < kClips; ++high)
    for (int low = symmetric ? kClips - 1 : 0; low < kClips; ++low) {
      const float top = 1 - kClipStep * static_cast<float>(high),
                  bottom = 1 - kClipStep * static_cast<float>(low);
      candidates.push_back(symmetric ? StaticRange{-magnitude * top, magnitude * top}
                                     : StaticRange{h.lowest * bottom, h.highest * top});
    }
  std::vector<double> errors(candidates.size());
  // An error that is cut off is larger than one that is whole, so the order of the threads decides
  // nothing.
  std::atomic<double> least{std::numeric_limits<double>::infinity()};
  parallel_for(candidates.size(), threads, [&](size_t i) {
    errors[i] = squared_error(bins, candidates[i], seen_by, least);
    for (double known = least; errors[i] < known;)
      if (least.compare_exchange_weak(known, errors[i])) break;
  });
  return candidates[static_cast<size_t>(std::min_element(errors.begin(), errors.end()) -
                                        errors.begin())];
}

std::vector<float> normalised(const Activations& residual, size_t picture, float epsilon) {
  std::vector<float> values(residual.rows * residual.cols);
  const int32_t dim = static_cast<int32_t>(residual.cols);
  for (size_t r = 0; r < residual.rows; ++r) {
    const int16_t* x = residual.at<int16_t>(picture) + r * residual.cols;
    const law::NormRow row = law::norm_row(x, residual.cols, epsilon);
    for (size_t c = 0; c < residual.cols; ++c)
      values[r * residual.cols + c] =
          static_cast<float>(x[c] * dim - row.sum) * row.inverse_deviation;
  }
  return values;
}

Activations run_static_norm(const Activations& residual, float epsilon, const StaticScale& scale,
                            size_t threads) {
  Activations out(schema::Format::RowS8, residual.rows, residual.cols, 1, residual.pictures.size());
  const float steps = 1 / scale.unit;
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    set_params(out, i, scale.zero_point);
    for (size_t r = 0; r < out.rows; ++r)
      law::static_norm(residual.at<int16_t>(i) + r * out.cols, out.cols, epsilon, steps,
                       scale.zero_point, out.at<int8_t>(i) + r * out.cols);
  });
  return out;
}

Activations run_static_quantise(const Activations& fixed, const StaticScale& scale,
                                size_t threads) {
  Activations out(schema::Format::RowS8, fixed.rows, fixed.cols, 1, fixed.pictures.size());
  const float steps = 1 / scale.unit;
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    set_params(out, i, scale.zero_point);
    for (size_t j = 0; j < out.rows * out.cols; ++j)
      out.at<int8_t>(i)[j] = law::static_int8(fixed.at<int16_t>(i)[j], steps, scale.zero_point);
  });
  return out;
}

Activations run_lookup(const Activations& s8, const std::vector<int8_t>& table, int32_t zero_point,
                       size_t threads) {
  Activations out(schema::Format::RowS8, s8.rows, s8.cols, 1, s8.pictures.size());
  parallel_for(out.pictures.size(), threads, [&](size_t i) {
    set_params(out, i, zero_point);
    for (size_t j = 0; j < out.rows * out.cols; ++j)
      out.at<int8_t>(i)[j] = table[static_cast<size_t>(s8.at<int8_t>(i)[j] + 128)];
  });
  return out;
}

void run_static_add(const Activations& s8, float scale, Activations& into, size_t threads) {
  parallel_for(s8.pictures.size(), threads, [&](size_t i) {
    int16_t* dst = into.at<int16_t>(i);
    for (size_t j = 0; j < s8.rows * s8.cols; ++j)
      dst[j] = law::static_sum(dst[j], s8.at<int8_t>(i)[j], scale);
  });
}

float static_add_scale(const StaticScale& branch, float sum_unit) {
  return std::clamp(branch.unit / sum_unit, kScaleRange.smallest, kStaticAddScaleRange.largest);
}

PackedLinear pack_static_linear(const std::string& name, const StaticLinear& linear,
                                std::vector<float>& unit, size_t threads) {
  const auto& [weight, moments, mean, zero_point] = linear;
  const size_t n = weight.rows;
  const float finest = largest_in(weight) / 127.0f / kLargestScale;
  double largest = 0;  // bias, about, in steps of the output
  for (size_t r = 0; r < n; ++r) {
    unit[r] = std::max(unit[r], finest);
    largest = std::max(largest, std::abs((mean[r] - product(weight.row(r), moments.mean)) /
                                             static_cast<double>(unit[r]) +
                                         zero_point));
  }
  // Scales are multiples of 2^-bits: the coarser, the larger a bias may be.
  for (int bits = kFraction; bits >= 8; --bits) {
    const double step = std::ldexp(1.0, -bits), room = std::ldexp(1.0, 24 - bits) - 128;
    if (largest > room) continue;
    std::vector<float> grid(n);
    for (size_t r = 0; r < n; ++r) grid[r] = static_cast<float>(step) * unit[r];
    QuantisedWeights weights = quantise_weights(weight, moments, kDamping, threads, grid);
    std::vector<float> bias(n);
    bool fits = true;
    for (size_t r = 0; r < n; ++r) {
      const double scale =
          std::nearbyint(static_cast<double>(weights.scale[r]) / static_cast<double>(grid[r])) *
          step;
      double sum = 0;
      for (size_t c = 0; c < weight.cols; ++c)
        sum += static_cast<double>(weights.values[r * weight.cols + c]) * moments.mean[c];
      bias[r] = static_cast<float>(
          rounded_bias(mean[r] / static_cast<double>(unit[r]) - sum * scale + zero_point, scale) *
          scale);
      fits = fits && std::abs(static_cast<double>(bias[r])) <= room && scale <= 128;
      weights.scale[r] = static_cast<float>(scale);
    }
    if (fits) return pack_linear(name, weights, std::vector<float>(n, 1.0f), bias);
  }
  throw NodeFault(name, "has numbers too large for static scales",
                  "convert with --activations dynamic");
}

PictureValues rough_outputs(const Activations& src, const Matrix& weight, const Moments& moments,
                            const std::vector<double>& mean) {
  std::vector<float> bias(weight.rows);
  for (size_t r = 0; r < weight.rows; ++r)
    bias[r] = static_cast<float>(mean[r] - product(weight.row(r), moments.mean));
  const auto packed = std::make_shared<PackedLinear>(pack_linear(
      "", quantise_weights(weight, {}, 0, 1), std::vector<float>(weight.rows, 1.0f), bias));
  return [&src, packed](size_t picture) {
    std::vector<float> out(src.rows * packed->n);
    run_linear_picture(src, picture, *packed, out.data());
    return out;
  };
}

}  // namespace vitro::converter
