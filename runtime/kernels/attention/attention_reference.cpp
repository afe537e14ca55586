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

// A key's score for a query of the group: `dot` is q k^T.
int32_t score_of(const AttentionArgs& args, size_t head, size_t query, size_t key, int32_t dot) {
  if (args.terms == nullptr) return dot;
  const ScoreTerms& terms = *args.terms;
  if (terms.regions && terms.regions[key] != terms.regions[query]) return kOtherRegion;
  if (!terms.bias) return dot;
  const size_t row = head * terms.queries + query, padded = (args.tokens + 15) / 16 * 16;
  return dot + terms.bias[row * padded + key] * (1 << terms.bias_shift[head]);
}

void attend(const AttentionArgs& args, size_t m, size_t head) {
  const int8_t* q = args.q + (m * args.heads + head) * args.head_dim;
  int16_t* dst = args.dst + (m * args.heads + head) * args.value_dim;
  const size_t query = args.terms ? args.terms->first_query + m : 0;
  const size_t key_column = args.shared_keys ? 0 : head * args.head_dim,
               value_column = args.shared_values ? 0 : head * args.value_dim;
  int32_t* score = static_cast<int32_t*>(args.workspace);  // becomes the weights
  for (size_t j = 0; j < args.tokens; ++j) {
    int32_t s = 0;
    for (size_t i = 0; i < args.head_dim; ++i)
      s += q[i] * args.keys[law::keys_offset(args.tokens, args.head_dim, j, key_column + i)];
    score[j] = score_of(args, head, query, j, s);
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
  for (size_t i = 0; i < args.value_dim; ++i) {
    const auto value = [&](size_t j) -> int32_t {
      return args.values[law::values_offset(args.tokens, args.value_dim, j, value_column + i)];
    };
    int32_t acc = 0;
    for (size_t j = 0; j < args.tokens; ++j) acc += score[j] * value(j);
    const float y = static_cast<float>(acc) * (others * norm) +
                    static_cast<float>(value(highest.token)) * (leader * norm);
    dst[i] = static_cast<int16_t>(law::rhe(law::clamp(y, -32767.0f, 32767.0f)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  for (size_t m = 0; m < args.m; ++m)
    for (size_t head = 0; head < args.heads; ++head) attend(args, m, head);
}

}  // namespace vitro::reference
