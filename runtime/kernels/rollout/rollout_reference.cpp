// SPDX-License-Identifier: Apache-2.0
// The law of rollout's softmax as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

void add_softmax(const AddSoftmaxArgs& args) {
  float* const score = args.scores;  // becomes the weights
  float highest = score[0];
  for (size_t j = 1; j < args.tokens; ++j) highest = score[j] > highest ? score[j] : highest;
  int32_t sum = 0;
  for (size_t j = 0; j < args.tokens; ++j) {
    const int32_t distance = static_cast<int32_t>(highest) - static_cast<int32_t>(score[j]);
    const float x = static_cast<float>(distance) * args.score_scale;
    const float most = float{kLargestExponent};
    const int32_t w = law::exp2_weight(law::rhe(x < most ? x : most));
    score[j] = static_cast<float>(w);
    sum += w;
  }
  const float factor = args.share / static_cast<float>(sum);
  for (size_t j = 0; j < args.tokens; ++j) args.dst[j] += factor * score[j];
}

}  // namespace vitro::reference
