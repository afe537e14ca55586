// The law of attention as plain loops.
#include "runtime/kernels/law.h"

namespace vitro::reference {

namespace {

void attend(const AttentionArgs& args, const int8_t* q, size_t head, int16_t* dst) {
  const size_t column = head * args.head_dim;
  int32_t* score = static_cast<int32_t*>(args.workspace);  // becomes the weights

  int32_t highest = INT32_MIN;
  for (size_t j = 0; j < args.tokens; ++j) {
    int32_t s = 0;
    for (size_t i = 0; i < args.head_dim; ++i) s += q[column + i] * args.keys[law::keys_offset(args.tokens, args.head_dim, j, column + i)];
    score[j] = s;
    highest = s > highest ? s : highest;
  }

  int32_t sum = 0;
  for (size_t j = 0; j < args.tokens; ++j) {
    const float x = static_cast<float>(highest - score[j]) * args.score_scale[head];
    score[j] = law::exp2_weight(law::rhe(x < 30719.0f ? x : 30719.0f), args.weight_shift);
    sum += score[j];
  }

  const float scale = 258.0f / static_cast<float>(sum);
  for (size_t i = 0; i < args.head_dim; ++i) {
    int32_t acc = 0;
    for (size_t j = 0; j < args.tokens; ++j) acc += score[j] * args.values[law::values_offset(args.tokens, args.head_dim, j, column + i)];
    dst[column + i] = static_cast<int16_t>(law::rhe(law::clamp(static_cast<float>(acc) * scale, -32767.0f, 32767.0f)));
  }
}

}  // namespace

void attention(const AttentionArgs& args) {
  const size_t dim = args.heads * args.head_dim;
  for (size_t m = 0; m < args.m; ++m)
    for (size_t head = 0; head < args.heads; ++head) attend(args, args.q + m * dim, head, args.dst + m * dim);
}

}  // namespace vitro::reference
