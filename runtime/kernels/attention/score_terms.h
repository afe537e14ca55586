// SPDX-License-Identifier: Apache-2.0
// What the scores of a few queries have beside q k^T, for all ISAs' attention: loops that the
// compiler makes vectors of. For attention/*.cpp alone; everything has internal linkage, so that no
// other object can pick it up.
#pragma once

#include "runtime/kernels/kernels.h"

namespace vitro {
namespace {

// `score`: of query number `query` of the group with all keys of a head, `padded` of them.
void add_terms(const ScoreTerms& terms, size_t head, size_t query, int32_t* score, size_t padded,
               size_t tokens) {
  if (terms.bias) {
    const int16_t* const bias = terms.bias + (head * terms.queries + query) * padded;
    const int32_t unit = 1 << terms.bias_shift[head];
    for (size_t j = 0; j < padded; ++j) score[j] += bias[j] * unit;
  }
  if (terms.regions) {
    const uint8_t region = terms.regions[query];
    for (size_t j = 0; j < tokens; ++j)
      score[j] = terms.regions[j] == region ? score[j] : kOtherRegion;
  }
}

// Of rows m .. m + rows of a call, whose scores lie `padded` apart. Not inlined: plain attention
// keeps its registers.
__attribute__((noinline)) void add_terms(const AttentionArgs& args, size_t head, size_t m,
                                         size_t rows, int32_t* scores, size_t padded) {
  for (size_t i = 0; i < rows; ++i)
    add_terms(*args.terms, head, args.terms->first_query + m + i, scores + i * padded, padded,
              args.tokens);
}

}  // namespace
}  // namespace vitro
