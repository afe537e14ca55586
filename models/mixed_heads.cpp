// SPDX-License-Identifier: Apache-2.0
// Attention whose heads are mixed, written with attention of one head, exactly. Head g's scores are
// a sum over h of L[g][h] q_h k_h: one comparison of all columns, those of q_h times L[g][h]; or of
// its own columns, where scores are not mixed. What it finds is mixed behind softmax, so it takes
// the mean of all columns of the values; and of a sum over h of W[g][h] softmax_h, columns of head
// g are the same sum of what the heads h found.
#include "models/builder.h"

#include <algorithm>
#include <cmath>

namespace vitro::converter {
namespace {

/// One factor for each column: that of its head.
std::vector<float> by_head(const std::vector<float>& factors, size_t columns) {
  std::vector<float> all;
  all.reserve(columns);
  for (size_t c = 0; c < columns; ++c) all.push_back(factors[c / (columns / factors.size())]);
  return all;
}

std::vector<float> row_of(const Matrix& m, size_t r) { return {m.row(r), m.row(r) + m.cols}; }

std::vector<float> column_of(const Matrix& m, size_t c) {
  std::vector<float> column;
  column.reserve(m.rows);
  for (size_t r = 0; r < m.rows; ++r) column.push_back(m.row(r)[c]);
  return column;
}

ColumnAffine scaled(std::vector<float> scale) {
  std::vector<float> none(scale.size());
  return {std::move(scale), std::move(none)};
}

}  // namespace

GraphBuilder::MixedAttention GraphBuilder::attend_mixed(const std::string& name, size_t norm,
                                                        const HeadMixing& mixing) {
  const size_t dim = cols(norm), heads = mixing.weights.rows, width = dim / heads;
  const bool own_scores = mixing.scores.rows == 0;
  Attention attention;
  attention.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(width)));
  const auto of_head = [](size_t h) { return "." + std::to_string(h); };
  std::vector<size_t> q, k;
  if (own_scores) {
    const auto rows = [&](const std::string& tensor) {
      std::vector<size_t> parts;
      parts.reserve(heads);
      for (size_t h = 0; h < heads; ++h)
        parts.push_back(linear_of_rows(tensor + of_head(h), norm, {tensor, h * width, width, dim}));
      return parts;
    };
    q = rows(name + ".q"), k = rows(name + ".k");
  } else {
    q.assign(heads, linear(name + ".q", norm, dim));
    k.assign(heads, linear(name + ".k", norm, dim));
  }
  MixedAttention mixed{0, k[0], linear(name + ".v", norm, dim)};
  for (size_t h = 0; h < heads; ++h) {
    const size_t query = own_scores ? q[h]
                                    : add(name + ".query" + of_head(h), {q[h]},
                                          scaled(by_head(row_of(mixing.scores, h), dim)));
    const size_t found =
        add(name + ".attention" + of_head(h), {query, k[h], mixed.values}, attention);
    const size_t part = add(name + ".mixed" + of_head(h), {found},
                            scaled(by_head(column_of(mixing.weights, h), dim)));
    mixed.value = h == 0 ? part : add(name + ".sum" + of_head(h), {mixed.value, part}, Add{});
  }
  return mixed;
}

// Weights that are the same for all tokens add the sum of the values to every row: the mean, by a
// query of zeros, times their number. After the projection, so that it does not widen the range of
// the int8 rows that the projection reads.
size_t GraphBuilder::add_mean_of_values(const std::string& name, size_t stream,
                                        const MixedAttention& mixed, const EncoderBlock& block) {
  const std::vector<float>& shift = block.mixing->shift;
  if (std::all_of(shift.begin(), shift.end(), [](float s) { return s == 0; })) return stream;
  const size_t dim = cols(mixed.values), tokens = graph_.nodes[mixed.values].rows;
  const std::string mean = name + ".attn.mean";
  Attention attention;
  attention.scale = 1;
  const size_t query = constant_row(mean + ".query", std::vector<float>(cols(mixed.keys)));
  const size_t found = add(mean, {query, mixed.keys, mixed.values}, attention);
  std::vector<float> factors = by_head(shift, dim);
  for (float& factor : factors) factor *= static_cast<float>(tokens);
  const size_t summed = add(mean + ".sum", {found}, scaled(std::move(factors)));
  Linear proj{Matrix(dim, dim), std::vector<float>(dim)};
  std::copy_n(tensors_.take(name + ".attn.proj.weight", {dim, dim}), proj.weight.data.size(),
              proj.weight.data.begin());
  const size_t row = add(mean + ".proj", {summed}, std::move(proj));
  if (block.layer_scale) scale_outputs(tensors_.vector(name + ".ls1.gamma", dim));
  const size_t rows =
      add(mean + ".rows", {row}, GatherRows{1, std::vector<uint32_t>(tokens), 0, 0});
  return add(mean + ".residual", {stream, rows}, Add{});
}

}  // namespace vitro::converter
