// SPDX-License-Identifier: Apache-2.0
// Static activation scales: one scale and zero point for a whole tensor, searched on the
// calibration pictures, and linears between such tensors.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "converter/quantise/activations.h"
#include "converter/quantise/learnt.h"
#include "runtime/core/bounds.h"

namespace vitro::converter {

/// value = unit * (q - zero_point), q in [-127, 127]. An exact zero.
struct StaticScale {
  float unit = 1;
  int32_t zero_point = 0;

  StaticScale() = default;
  explicit StaticScale(const StaticRange& range, float finest = 1e-12f);
};

// The finest units of what static_norm and static_quantise write: the inverses of the law's largest
// scales.
constexpr float kFinestNormStep = 1 / kStaticNormScaleRange.largest,
                kFinestQuantiseStep = 1 / kStaticQuantiseScaleRange.largest;

/// The real values of one tensor for a calibration picture.
using PictureValues = std::function<std::vector<float>(size_t picture)>;

/// The range with the least squared error of `seen_by(value)` over all pictures; least and largest
/// value saturate where that is better. Symmetric: -lowest = highest, so that the zero point is 0.
/// Independent of `threads`.
StaticRange search_range(
    size_t pictures, const PictureValues& values, bool symmetric, size_t threads,
    const std::function<double(double)>& seen_by = [](double x) { return x; });

/// LayerNorm's real values of one picture.
std::vector<float> normalised(const Activations& residual, size_t picture, float epsilon);

/// As the ops of the same name. Results are row-quantised with scale 1 and the zero point for all
/// rows, which is what a linear makes of S8.
Activations run_static_norm(const Activations& residual, float epsilon, const StaticScale& scale,
                            size_t threads);
Activations run_static_quantise(const Activations& fixed, const StaticScale& scale, size_t threads);
Activations run_lookup(const Activations& s8, const std::vector<int8_t>& table, int32_t zero_point,
                       size_t threads);
void run_static_add(const Activations& s8, float scale, Activations& into, size_t threads);

/// Of StaticAdd: units of the sum for one step of the branch, in the law's range.
float static_add_scale(const StaticScale& branch, float sum_unit);

/// What a static linear layer is made of.
struct StaticLinear {
  const Matrix& weight;             // with the source's units in it
  const Moments& moments;           // of the source, in steps of it
  const std::vector<double>& mean;  // of the outputs, to be met by the bias
  int32_t zero_point;               // of the outputs
};

/// GPTQ on a grid of scales that makes requantisation exact (core/arithmetic.md). `unit`: of the
/// outputs; it may grow where an output step would be finer than the sums of products can tell.
PackedLinear pack_static_linear(const std::string& name, const StaticLinear& linear,
                                std::vector<float>& unit, size_t threads);

/// The outputs of a linear with weights that were merely rounded, for search_range: [rows, n] of a
/// picture.
PictureValues rough_outputs(const Activations& src, const Matrix& weight, const Moments& moments,
                            const std::vector<double>& mean);

}  // namespace vitro::converter
