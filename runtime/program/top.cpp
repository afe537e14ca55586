// SPDX-License-Identifier: Apache-2.0
// vitro_top: the likeliest classes, and how likely they are.
#include "runtime/kernels/law.h"
#include "vitro/vitro.h"

namespace {

// e^x for x <= 0, within 2^-22 of it: 2^n times e^r by its series, |r| <= ln(2) / 2.
float exponential(float x) {
  if (!(x > -87.0f)) return 0;
  const int32_t n = vitro::law::rhe(x * 1.44269504f);
  const float whole = static_cast<float>(n);
  const float r = x - whole * 0.693359375f + whole * 2.12194440e-4f;  // ln(2) in two parts
  float sum = 1.0f / 720;
  constexpr float kSeries[] = {1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  for (const float term : kSeries) sum = sum * r + term;
  const int32_t bits = (n + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return sum * power;
}

}  // namespace

extern "C" size_t vitro_top(const vitro_program* program, const float* logits,
                            vitro_answer* answers, size_t count) {
  const size_t classes = vitro_class_count(program);
  if (!logits || !answers || count == 0) return 0;
  size_t found = 0;
  for (size_t i = 0; i < classes; ++i) {
    size_t place = found;
    while (place > 0 && logits[i] > answers[place - 1].logit) --place;
    if (place == count) continue;
    if (found < count) ++found;
    for (size_t k = found - 1; k > place; --k) answers[k] = answers[k - 1];
    answers[place] = {i, logits[i], 0, nullptr};
  }
  // Terms that are too small to count one by one are carried on in `rest` (Kahan).
  float sum = 0, rest = 0;
  for (size_t i = 0; i < classes; ++i) {
    const float term = exponential(logits[i] - answers[0].logit) - rest, next = sum + term;
    rest = next - sum - term;
    sum = next;
  }
  for (size_t k = 0; k < found; ++k) {
    answers[k].probability = exponential(answers[k].logit - answers[0].logit) / sum;
    answers[k].label = vitro_label(program, answers[k].index);
  }
  return found;
}
