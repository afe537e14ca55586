// SPDX-License-Identifier: Apache-2.0
// Flips bits while a program runs, one at a time, and observes the effects.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "tests/soft_errors/places.h"

namespace vitro::soft_errors {

/// How many flips had each effect. Flips that ended the run did not change an answer.
struct Counts {
  size_t flips = 0;
  size_t outputs = 0;  // the first output differs in some bit
  size_t top1 = 0;     // and its largest value is another
  size_t numbers = 0;  // and it has a number that is not finite
  size_t crashes = 0, hangs = 0;
  size_t sum = 0, digest = 0, self_test = 0;  // noticed by these

  Counts& operator+=(const Counts& other);
};

/// A program in memory of its own with a session, and the pictures that it answers.
class Subject {
 public:
  /// pictures: uint8 RGB, of the program's size. isa: null for the best. Throws std::runtime_error
  /// if the program does not open or bind, or a picture has another size.
  Subject(const std::vector<uint8_t>& program, std::vector<std::vector<uint8_t>> pictures,
          const char* isa);

  const vitro_program& program() const { return program_; }
  const vitro_session& session() const { return *session_; }
  size_t pictures() const { return pictures_.size(); }

 private:
  friend class Trial;
  struct Free {
    void operator()(void* memory) const;
  };
  using Memory = std::unique_ptr<uint8_t, Free>;

  Memory file_, arena_;
  vitro_program program_{};
  vitro_session* session_ = nullptr;
  std::vector<std::vector<uint8_t>> pictures_;
  std::vector<std::vector<float>> answers_;
  uint64_t program_sum_ = 0, session_sum_ = 0;
};

/// Makes `flips` flips, each of a random bit of a random element of the region. A seed gives the
/// same flips on every machine, except in the regions `session` and `arena`, which differ. Returns
/// the counts for each bit, bit 0 being the lowest; empty where the program has nothing in the
/// region. Flips run in child processes, so that what they break ends there. `progress` is told how
/// many are done.
std::vector<Counts> shoot(Subject& subject, Region region, size_t flips, uint64_t seed,
                          const std::function<void(size_t)>& progress = nullptr);

}  // namespace vitro::soft_errors
