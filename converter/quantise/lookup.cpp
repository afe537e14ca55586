// SPDX-License-Identifier: Apache-2.0
#include "converter/quantise/lookup.h"

#include <algorithm>
#include <cmath>

namespace vitro::converter {

namespace {

/// The function of one picture's static int8 rows.
std::vector<float> outputs_of(double (*function)(double), const Activations& s8, size_t picture,
                              const StaticScale& scale) {
  std::vector<float> y(s8.rows * s8.cols);
  for (size_t j = 0; j < y.size(); ++j)
    y[j] = static_cast<float>(
        function(static_cast<double>(scale.unit) * (s8.at<int8_t>(picture)[j] - scale.zero_point)));
  return y;
}

}  // namespace

double exact_gelu(double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }

double exact_gelu_by_tanh(double x) {
  constexpr double kRootOfTwoByPi = 0.79788456080286536;
  return 0.5 * x * (1 + std::tanh(kRootOfTwoByPi * (x + 0.044715 * x * x * x)));
}

double exact_silu(double x) { return x / (1 + std::exp(-x)); }

std::vector<int8_t> function_table(double (*function)(double), const StaticScale& from,
                                   const StaticScale& to) {
  std::vector<int8_t> table;
  table.reserve(256);
  for (int q = -128; q < 128; ++q) {
    const double x = static_cast<double>(from.unit) * (q - from.zero_point);
    const double y = function(x) / static_cast<double>(to.unit);
    table.push_back(
        static_cast<int8_t>(std::clamp(std::nearbyint(y) + to.zero_point, -127.0, 127.0)));
  }
  return table;
}

Value lower_lookup(Lowering& l, const FusedNode& f, double (*function)(double)) {
  const Value& x = l.input(f);
  Value v;
  v.scale = StaticScale(l.range(f.node, [&] {
    return search_range(
        l.pictures().size(),
        [&](size_t p) { return outputs_of(function, x.activations, p, x.scale); }, false,
        l.threads());
  }));
  v.unit.assign(f.cols, v.scale.unit);
  const std::vector<int8_t> table = function_table(function, x.scale, v.scale);
  v.activations = run_lookup(x.activations, table, v.scale.zero_point, l.threads());
  schema::LookupT args;
  args.src = args.dst = v.tensor = x.tensor;
  args.table = l.draft.add_constant(table);
  l.row_op(f.name, args);
  return v;
}

}  // namespace vitro::converter
