// SPDX-License-Identifier: Apache-2.0
// Where in a picture a network looks: the weights of its attention, from the queries and keys that
// its program gives as outputs (convert --also attention).
#pragma once

#include <string>
#include <vector>

#include "platforms/host/inference.h"

namespace vitro::host {

/// An attention whose queries and keys are outputs: q [queries, cols], k [tokens, cols].
struct AttentionBlock {
  std::string name;  // of its operation
  size_t heads = 0, queries = 0, tokens = 0, cols = 0;
  size_t q = 0, k = 0;  // indices of outputs
};

struct AttentionBlocks {
  std::vector<AttentionBlock> shown;       // in the program's order
  size_t all = 0;                          // attention operations of the program
  size_t grid_height = 0, grid_width = 0;  // patches of the picture
};

/// Throws InputError where there is none, or what there is does not fit together.
AttentionBlocks list_attention(const ProgramFile& file);

/// Over the patches, row by row. Weights of a query add up to 1 with those of other tokens.
struct AttentionMap {
  std::vector<double> patches;
  double others = 0;  // the sum over class, distillation, register and prompt tokens
};

/// After a run. Of the class token's query, or, where the patches are all tokens, the mean over the
/// queries of them all.
AttentionMap map_of_head(const Inference& inference, const AttentionBlocks& blocks,
                         const AttentionBlock& block, size_t head);
/// The mean over the heads.
AttentionMap map_of_heads(const Inference& inference, const AttentionBlocks& blocks,
                          const AttentionBlock& block);
/// Attention rollout (Abnar and Zuidema, 2020): the products over all blocks of (mean over the
/// heads
/// + identity) / 2. Throws InputError where not all blocks are outputs, or their tokens differ.
AttentionMap rollout(const Inference& inference, const AttentionBlocks& blocks,
                     const std::string& program);

/// Whether the maps are of the class token's query.
bool has_class_row(const AttentionBlocks& blocks, const AttentionBlock& block);

}  // namespace vitro::host
