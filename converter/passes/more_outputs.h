// SPDX-License-Identifier: Apache-2.0
// Outputs that a model does not give by itself, for whoever asks for them: what its classifier
// reads, its patches, what its attention compares.
#pragma once

#include <string>
#include <vector>

#include "converter/graph/graph.h"

namespace vitro::converter {

struct MoreOutputs {
  bool features = false, patches = false, parts = false;
  bool all_attention = false;
  std::vector<size_t> attention;  // of the graph's attention nodes, these, counted from 0

  bool empty() const {
    return !features && !patches && !parts && !all_attention && attention.empty();
  }
  /// As parse() takes it.
  std::string text() const;
};

/// Adds one of "features", "patches", "parts", "attention" and "attention=N". False for any other
/// word.
bool parse(const std::string& word, MoreOutputs& outputs);

/// `graph`, not folded, and behind its own nodes others, for these outputs behind its own:
/// - "features" [rows, cols]: what the classifier reads; of two, "features" and "features_2".
/// - "patches" [patches, cols]: the rows of which the classifier's are one, or the mean, as far as
///   they are patches of the picture.
/// - "parts" [heads, 1]: the tokens that are picked for the last block, by their rows. No node
/// more.
/// - "NAME.q" [queries, cols] and "NAME.k" [tokens, cols] of each attention node NAME asked for:
/// the
///   softmax over the products of a row of q with all rows of k, head by head, are its weights. The
///   factor of the scores is in q.
/// Every node more is of its own: the operations of the other outputs stay what they were. Throws
/// NodeFault for what the graph does not have.
Graph with_more_outputs(Graph graph, const MoreOutputs& outputs);

}  // namespace vitro::converter
