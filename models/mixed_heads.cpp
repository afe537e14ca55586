// SPDX-License-Identifier: Apache-2.0
// Attention whose heads are mixed, written with attention of one head, exactly. Head g's scores are
// a sum over h of L[g][h] q_h k_h: one comparison of all columns, those of q_h times L[g][h]. What
// it finds is mixed behind softmax, so it takes the mean of all columns of the values; and of a sum
// over h of W[g][h] softmax_h, columns of head g are the same sum of what the heads h found.
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

size_t GraphBuilder::attend_mixed(const std::string& name, const std::vector<size_t>& qkv,
                                  const HeadMixing& mixing) {
  const size_t dim = cols(qkv[0]), heads = mixing.weights.rows;
  Attention attention;
  attention.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(dim / heads)));
  size_t sum = 0;
  for (size_t h = 0; h < heads; ++h) {
    const std::string head = "." + std::to_string(h);
    const size_t query =
        add(name + ".query" + head, {qkv[0]}, scaled(by_head(row_of(mixing.scores, h), dim)));
    const size_t found = add(name + ".attention" + head, {query, qkv[1], qkv[2]}, attention);
    const size_t part =
        add(name + ".mixed" + head, {found}, scaled(by_head(column_of(mixing.weights, h), dim)));
    sum = h == 0 ? part : add(name + ".sum" + head, {sum, part}, Add{});
  }
  return sum;
}

// Weights that are the same for all tokens add the sum of the values to every row: the mean, by a
// query of zeros, times their number. After the projection, so that it does not widen the range of
// the int8 rows that the projection reads.
size_t GraphBuilder::add_mean_of_values(const std::string& name, size_t stream,
                                        const std::vector<size_t>& qkv, const EncoderBlock& block) {
  const std::vector<float>& shift = block.mixing->shift;
  if (std::all_of(shift.begin(), shift.end(), [](float s) { return s == 0; })) return stream;
  const size_t dim = cols(qkv[2]), tokens = graph_.nodes[qkv[2]].rows;
  const std::string mean = name + ".attn.mean";
  Attention attention;
  attention.scale = 1;
  const size_t query = constant_row(mean + ".query", std::vector<float>(cols(qkv[1])));
  const size_t found = add(mean, {query, qkv[1], qkv[2]}, attention);
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
