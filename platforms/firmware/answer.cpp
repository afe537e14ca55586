// SPDX-License-Identifier: Apache-2.0
#include "platforms/firmware/answer.h"

#include <stdint.h>
#include <string.h>

#include "platforms/firmware/console.h"
#include "runtime/digest/sha256.h"

namespace vitro {

namespace {

constexpr size_t kTop = 3;

// e^x for x <= 0 to six digits, for display alone; libm's would differ from one C library to the
// next.
float exponential(float x) {
  const float y = x * 1.44269504f;
  if (y < -60.0f) return 0.0f;
  const int whole = static_cast<int>(y - 0.5f);
  const float f = y - static_cast<float>(whole);  // at most half; 2^f by its Taylor series
  const float mantissa =
      1.0f +
      f * (0.693147182f +
           f * (0.240226507f + f * (0.0555041087f + f * (0.00961812911f + f * 0.00133335581f))));
  const uint32_t bits = static_cast<uint32_t>(whole + 127) << 23;
  float power;
  memcpy(&power, &bits, sizeof power);
  return mantissa * power;
}

// Whether class a goes before class b.
bool before(const float* logits, size_t a, size_t b) {
  return logits[a] > logits[b] || (logits[a] == logits[b] && a < b);
}

void print_top(const vitro_program& program, const float* logits) {
  const size_t classes = vitro_class_count(&program);
  size_t top[kTop] = {}, found = 0;
  for (; found < kTop && found < classes; ++found) {
    size_t best = classes;
    for (size_t i = 0; i < classes; ++i)
      if ((found == 0 || before(logits, top[found - 1], i)) &&
          (best == classes || before(logits, i, best)))
        best = i;
    top[found] = best;
  }
  float sum = 0;
  for (size_t i = 0; i < classes; ++i) sum += exponential(logits[i] - logits[top[0]]);
  for (size_t rank = 0; rank < found; ++rank) {
    print("top ");
    print(uint64_t{rank + 1});
    print(" ");
    print_fraction(static_cast<uint32_t>(
                       exponential(logits[top[rank]] - logits[top[0]]) / sum * 10000.0f + 0.5f),
                   2);
    print(" % ");
    if (const char* label = vitro_label(&program, top[rank])) {
      print_name(label);
    } else {
      print("class ");
      print(uint64_t{top[rank]});
    }
    print("\n");
  }
}

}  // namespace

void print_answer(const vitro_program& program, const vitro_session* session, const char* name) {
  vitro_output_info info;
  for (size_t i = 0; vitro_output(&program, i, &info) == VITRO_OK; ++i) {
    const float* const values = vitro_output_values(session, i);
    const bool logits = info.kind == VITRO_OUTPUT_LOGITS;
    if (logits) print_top(program, values);
    Sha256 hash;
    hash.update(values, info.rows * info.cols * sizeof(float));
    char hex[65];
    hash.hex(hex);
    print(logits ? "logits_sha256 " : "output_sha256 ");
    print(hex);
    if (!logits) {
      print(" ");
      print_name(info.name);
    }
    print(" ");
    print_name(name);
    print("\n");
  }
}

}  // namespace vitro
