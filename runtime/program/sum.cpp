// SPDX-License-Identifier: Apache-2.0
// vitro_program_sum, vitro_session_sum: Fletcher's two sums, of little-endian words in four lanes.
#include <string.h>

#include "runtime/core/session.h"
#include "vitro/vitro.h"

namespace vitro {

namespace {

using Words = uint32_t __attribute__((vector_size(16)));

// One word that differs changes one lane's sum, so that the low half differs for certain: each of
// its steps is reversible.
uint64_t halves(const Words& sums, const Words& sums_of_sums) {
  constexpr uint32_t kPrime = 16777619;
  uint32_t low = 0, high = 0;
  for (int lane = 0; lane < 4; ++lane) {
    low = (low ^ sums[lane]) * kPrime;
    high = (high ^ sums_of_sums[lane]) * kPrime;
  }
  return uint64_t{high} << 32 | low;
}

uint64_t sum_of(const uint8_t* data, size_t bytes) {
  Words sums = {}, sums_of_sums = {}, words;
  for (; bytes >= sizeof words; bytes -= sizeof words, data += sizeof words) {
    memcpy(&words, data, sizeof words);
    sums += words;
    sums_of_sums += sums;
  }
  words = Words{};
  memcpy(&words, data, bytes);
  sums += words;
  return halves(sums, sums_of_sums + sums);
}

}  // namespace

}  // namespace vitro

extern "C" uint64_t vitro_program_sum(const vitro_program* program, size_t offset, size_t bytes) {
  if (!program || !program->data || offset > program->size) return 0;
  const size_t rest = program->size - offset;
  return vitro::sum_of(static_cast<const uint8_t*>(program->data) + offset,
                       bytes < rest ? bytes : rest);
}

// Where the state ends is asked of the program: a session whose bytes have changed may say
// anything.
extern "C" uint64_t vitro_session_sum(const vitro_session* session, const vitro_program* program) {
  if (!session || !program || !program->data) return 0;
  const uint64_t bytes = vitro::arena_parts(*vitro::schema::GetProgram(program->data)).planned;
  return vitro::sum_of(reinterpret_cast<const uint8_t*>(session), static_cast<size_t>(bytes));
}
