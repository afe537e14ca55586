// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/attention/maps.h"

#include <algorithm>
#include <cmath>

#include "converter/base/error.h"

namespace vitro::host {

namespace {

constexpr char kRemedy[] = "convert it again with --also attention";

using Weights = std::vector<double>;  // of a query over the tokens

size_t find_output(const Program& program, const std::string& name) {
  size_t i = 0;
  while (i < program.output_count() && name != program.output(i).name) ++i;
  return i;
}

void add_block(const ProgramFile& file, const std::string& name, size_t heads,
               AttentionBlocks& blocks) {
  const Program& program = file.program();
  AttentionBlock block;
  block.name = name, block.heads = heads;
  block.q = find_output(program, name + ".q");
  block.k = find_output(program, name + ".k");
  if (block.q == program.output_count() || block.k == program.output_count()) return;
  const vitro_output_info q = program.output(block.q), k = program.output(block.k);
  block.queries = q.rows, block.tokens = k.rows, block.cols = k.cols;
  const bool fits = q.cols == k.cols && heads > 0 && k.cols % heads == 0 &&
                    k.rows >= blocks.grid_height * blocks.grid_width;
  if (!fits)
    throw InputError(
        file.path(),
        "has outputs of " + name + " that are no queries and keys of the picture's patches",
        kRemedy);
  blocks.shown.push_back(std::move(block));
}

size_t prefix_of(const AttentionBlocks& blocks, const AttentionBlock& block) {
  return block.tokens - blocks.grid_height * blocks.grid_width;
}

struct Values {
  std::vector<float> q, k;
};

Values values_of(const Inference& inference, const AttentionBlock& block) {
  return {inference.values(block.q), inference.values(block.k)};
}

/// softmax(q k^T) of one head; the factor of the scores is in q.
Weights weights_of(const Values& values, const AttentionBlock& block, size_t query, size_t head) {
  const size_t width = block.cols / block.heads;
  const float* const q = values.q.data() + query * block.cols + head * width;
  Weights out(block.tokens);
  for (size_t t = 0; t < block.tokens; ++t) {
    const float* const k = values.k.data() + t * block.cols + head * width;
    for (size_t c = 0; c < width; ++c)
      out[t] += static_cast<double>(q[c]) * static_cast<double>(k[c]);
  }
  const double highest = *std::max_element(out.begin(), out.end());
  double sum = 0;
  for (double& w : out) sum += w = std::exp(w - highest);
  for (double& w : out) w /= sum;
  return out;
}

void add_to(Weights& sum, const Weights& weights, double share) {
  for (size_t t = 0; t < sum.size(); ++t) sum[t] += share * weights[t];
}

Weights mean_over_heads(const Values& values, const AttentionBlock& block, size_t query) {
  Weights mean(block.tokens);
  for (size_t h = 0; h < block.heads; ++h)
    add_to(mean, weights_of(values, block, query, h), 1 / static_cast<double>(block.heads));
  return mean;
}

AttentionMap map_of(const AttentionBlocks& blocks, const AttentionBlock& block,
                    const Weights& weights) {
  const auto first = weights.begin() + static_cast<ptrdiff_t>(prefix_of(blocks, block));
  AttentionMap map{{first, weights.end()}, 0};
  for (auto w = weights.begin(); w != first; ++w) map.others += *w;
  if (!std::all_of(weights.begin(), weights.end(), [](double w) { return std::isfinite(w); }))
    throw InputError(block.name, "gives queries and keys that are no finite numbers",
                     "check the program: 'vitro verify'");
  return map;
}

/// The queries that a map is of: the class token's, or all.
size_t queries_of(const AttentionBlocks& blocks, const AttentionBlock& block) {
  return has_class_row(blocks, block) ? 1 : block.queries;
}

}  // namespace

AttentionBlocks list_attention(const ProgramFile& file) {
  const schema::Program& program = file.schema();
  AttentionBlocks blocks;
  std::vector<std::pair<std::string, size_t>> found;
  for (const schema::Step* step : *program.steps())
    for (const schema::Op* op : *step->ops()) {
      if (const auto* rows = op->args_as_PatchRows(); rows && blocks.grid_height == 0) {
        const schema::Tensor& picture = *program.tensors()->Get(rows->src());
        blocks.grid_height = picture.rows() / rows->patch();
        blocks.grid_width = picture.cols() / 3 / rows->patch();
      }
      const auto* const attention = op->args_as_Attention();
      if (!attention) continue;
      const schema::Tensor& keys = *program.tensors()->Get(attention->k());
      found.emplace_back(op->name() ? op->name()->c_str() : "", keys.heads());
    }
  if (blocks.grid_height == 0)
    throw InputError(file.path(), "does not look at patches of a picture",
                     "give a program of a vision transformer");
  blocks.all = found.size();
  for (const auto& [name, heads] : found) add_block(file, name, heads, blocks);
  if (blocks.shown.empty()) throw InputError(file.path(), "does not give its attention", kRemedy);
  return blocks;
}

bool has_class_row(const AttentionBlocks& blocks, const AttentionBlock& block) {
  return prefix_of(blocks, block) > 0;
}

AttentionMap map_of_head(const Inference& inference, const AttentionBlocks& blocks,
                         const AttentionBlock& block, size_t head) {
  const Values values = values_of(inference, block);
  const size_t queries = queries_of(blocks, block);
  Weights mean(block.tokens);
  for (size_t i = 0; i < queries; ++i)
    add_to(mean, weights_of(values, block, i, head), 1 / static_cast<double>(queries));
  return map_of(blocks, block, mean);
}

AttentionMap map_of_heads(const Inference& inference, const AttentionBlocks& blocks,
                          const AttentionBlock& block) {
  const Values values = values_of(inference, block);
  const size_t queries = queries_of(blocks, block);
  Weights mean(block.tokens);
  for (size_t i = 0; i < queries; ++i)
    add_to(mean, mean_over_heads(values, block, i), 1 / static_cast<double>(queries));
  return map_of(blocks, block, mean);
}

// Only the row that is shown is carried, from the last block to the first.
AttentionMap rollout(const Inference& inference, const AttentionBlocks& blocks,
                     const std::string& program) {
  const AttentionBlock& last = blocks.shown.back();
  if (blocks.shown.size() != blocks.all)
    throw InputError(program,
                     "gives the attention of " + std::to_string(blocks.shown.size()) + " of " +
                         std::to_string(blocks.all) + " blocks, and rollout needs all",
                     kRemedy);
  for (const AttentionBlock& block : blocks.shown)
    if (block.tokens != last.tokens || block.queries != last.tokens)
      throw InputError(program,
                       "has other tokens in " + block.name + " than in " + last.name +
                           ", so that their attention cannot be multiplied",
                       "choose one of them (--block)");
  Weights row(last.tokens);
  const size_t queries = queries_of(blocks, last);
  for (size_t i = 0; i < queries; ++i) row[i] = 1 / static_cast<double>(queries);
  for (size_t b = blocks.shown.size(); b-- > 0;) {
    const AttentionBlock& block = blocks.shown[b];
    const Values values = values_of(inference, block);
    Weights before(row.size());
    for (size_t i = 0; i < row.size(); ++i) {
      if (row[i] == 0) continue;
      before[i] += row[i] / 2;
      add_to(before, mean_over_heads(values, block, i), row[i] / 2);
    }
    row = std::move(before);
  }
  return map_of(blocks, last, row);
}

}  // namespace vitro::host
