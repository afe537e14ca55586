// SPDX-License-Identifier: Apache-2.0
// The law of attention as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

namespace {

// The two highest of a row's scores, the same where two tokens share it, and a token of the
// highest.
struct Highest {
  int32_t first, second;
  size_t token;
};

Highest two_highest(const int32_t* score, size_t tokens) {
  Highest h = {score[0], tokens > 1 ? INT32_MIN : score[0], 0};
  for (size_t j = 1; j < tokens; ++j) {
    if (score[j] > h.first) {
      h = {score[j], h.first, j};
    } else if (score[j] > h.second) {
      h.second = score[j];
    }
  }
  return h;
}

int32_t exponent_of(int32_t distance, float score_scale) {
  const int32_t x = law::rhe(law::clamp(static_cast<float>(distance) * score_scale,
                                        -float{kLargestExponent}, float{kLargestExponent}));
  return x < 0 ? kLargestExponent : x;
}

void attend(const AttentionArgs& args, const int8_t* q, size_t head, int16_t* dst) {
  const size_t column = head * args.head_dim;
  int32_t* score = static_cast<int32_t*>(args.workspace);  // becomes the weights
  for (size_t j = 0; j < args.tokens; ++j) {
    int32_t s = 0;
    for (size_t i = 0; i < args.head_dim; ++i)
      s += q[column + i] * args.keys[law::keys_offset(args.tokens, args.head_dim, j, column + i)];
    score[j] = s;
  }
  const Highest highest = two_highest(score, args.tokens);

  int32_t remainder[32], sum = 0;
  for (size_t r = 0; r < 32; ++r) remainder[r] = law::first_remainder(r);
  for (size_t j = 0; j < args.tokens; ++j) {
    const int32_t u =
        law::exp2_weight(exponent_of(highest.second - score[j], args.score_scale[head])) +
        remainder[j % 32];
    remainder[j % 32] = u & 63;
    score[j] = u >> 6;
    sum += score[j];
  }

  const int32_t lead = exponent_of(highest.first - highest.second, args.score_scale[head]);
  const float others = lead == 0 ? 1.0f : static_cast<float>(law::exp2_weight(lead)),
              leader = lead == 0 ? 0.0f : kLeader;
  const float norm = kAttentionUnits / (static_cast<float>(sum) * others + leader);
  for (size_t i = 0; i < args.head_dim; ++i) {
    const auto value = [&](size_t j) -> int32_t {
      return args.values[law::values_offset(args.tokens, args.head_dim, j, column + i)];
    };
    int32_t acc = 0;
    for (size_t j = 0; j < args.tokens; ++j) acc += score[j] * value(j);
    const float y = static_cast<float>(acc) * (others * norm) +
                    static_cast<float>(value(highest.token)) * (leader * norm);
    dst[column + i] = static_cast<int16_t>(law::rhe(law::clamp(y, -32767.0f, 32767.0f)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim;
  for (size_t m = 0; m < args.m; ++m)
    for (size_t head = 0; head < args.heads; ++head)
      attend(args, args.q + m * dim, head, args.dst + m * dim);
}

}  // namespace vitro::reference
