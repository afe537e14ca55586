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

// acc[n] += the sum over a group of four of a[i] * panel[n][i], for each group: keys and values are
// packed in groups of four of what is summed, sixteen sums side by side, which compilers see.
template <typename Factor>
void panel_sums(const Factor* a, const int8_t* panel, size_t groups, int32_t* acc) {
  for (size_t g = 0; g < groups; ++g, a += 4, panel += 64)
    for (size_t n = 0; n < 16; ++n)
      for (size_t i = 0; i < 4; ++i) acc[n] += a[i] * panel[n * 4 + i];
}

void attend(const AttentionArgs& args, size_t m, size_t head) {
  const int8_t* q = args.q + (m * args.heads + head) * args.head_dim;
  int16_t* dst = args.dst + (m * args.heads + head) * args.value_dim;
  const size_t query = args.terms ? args.terms->first_query + m : 0;
  const size_t key_column = args.shared_keys ? 0 : head * args.head_dim,
               value_column = args.shared_values ? 0 : head * args.value_dim;
  int32_t* score = static_cast<int32_t*>(args.workspace);  // becomes the weights
  for (size_t j = 0; j < args.tokens; j += 16) {
    int32_t dots[16] = {};
    panel_sums(q, args.keys + law::keys_offset(args.tokens, args.head_dim, j, key_column),
               args.head_dim / 4, dots);
    for (size_t n = 0; n < 16 && j + n < args.tokens; ++n)
      score[j + n] = score_of(args, head, query, j + n, dots[n]);
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
  const size_t whole = args.tokens / 4 * 4;  // behind it come tokens that are none
  for (size_t first = 0; first < args.value_dim; first += 16) {
    const auto value = [&](size_t j, size_t n) -> int32_t {
      return args
          .values[law::values_offset(args.tokens, args.value_dim, j, value_column + first + n)];
    };
    int32_t acc[16] = {};
    panel_sums(
        score,
        &args.values[law::values_offset(args.tokens, args.value_dim, 0, value_column + first)],
        whole / 4, acc);
    for (size_t n = 0; n < 16 && first + n < args.value_dim; ++n) {
      for (size_t j = whole; j < args.tokens; ++j) acc[n] += score[j] * value(j, n);
      const float y = static_cast<float>(acc[n]) * (others * norm) +
                      static_cast<float>(value(highest.token, n)) * (leader * norm);
      dst[first + n] = static_cast<int16_t>(law::rhe(law::clamp(y, -32767.0f, 32767.0f)));
    }
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  for (size_t m = 0; m < args.m; ++m)
    for (size_t head = 0; head < args.heads; ++head) attend(args, m, head);
}

}  // namespace vitro::reference
