// SPDX-License-Identifier: Apache-2.0
// The C++17 interface of the vitro runtime: a thin, header-only layer over vitro.h. It throws no
// exceptions and allocates no memory.
#ifndef VITRO_VITRO_HPP_
#define VITRO_VITRO_HPP_

#include "vitro/vitro.h"

namespace vitro {

/// A verified program. The memory from which it was opened must outlive it.
class Program {
 public:
  /// Verifies `size` bytes at `data`. If that fails, the program stays closed, and fault() may say
  /// more.
  vitro_status open(const void* data, size_t size) { return vitro_open(data, size, &program_); }

  /// Whether every byte is as the converter wrote it.
  vitro_status check() const { return vitro_program_check(&program_); }
  /// Of all bytes, or of some: for noticing between runs that one has changed.
  uint64_t sum(size_t offset = 0, size_t bytes = SIZE_MAX) const {
    return vitro_program_sum(&program_, offset, bytes);
  }

  const char* fault() const { return program_.fault; }
  size_t arena_bytes(size_t threads = 1) const { return vitro_arena_bytes(&program_, threads); }
  /// Of the three memories that Session::bind_memories() takes.
  vitro_status memory_bytes(vitro_memories& memories, size_t threads = 1) const {
    return vitro_memory_bytes(&program_, threads, &memories);
  }
  /// What a run costs; all 0 if the program is not open.
  vitro_work_info work() const {
    vitro_work_info info{};
    vitro_work(&program_, &info);
    return info;
  }
  /// 0 where the first output is not logits.
  size_t class_count() const { return vitro_class_count(&program_); }
  size_t image_width() const { return vitro_image_width(&program_); }
  size_t image_height() const { return vitro_image_height(&program_); }
  /// The side of a square picture; 0 where it is not square.
  size_t image_size() const { return vitro_image_size(&program_); }
  size_t output_count() const { return vitro_output_count(&program_); }
  /// Describes output `index`; the name is null if there is no such output.
  vitro_output_info output(size_t index) const {
    vitro_output_info info{};
    vitro_output(&program_, index, &info);
    return info;
  }
  /// The name of class `index`; null if there is none.
  const char* label(size_t index) const { return vitro_label(&program_, index); }
  /// The `count` likeliest classes of what Session::run() returned; how many there are.
  size_t top(const float* logits, vitro_answer* answers, size_t count) const {
    return vitro_top(&program_, logits, answers, count);
  }
  const vitro_program* get() const { return &program_; }

 private:
  vitro_program program_{};
};

/// A program bound into an arena, or several memories, which must outlive the session.
class Session {
 public:
  vitro_status bind(const Program& program, void* arena, size_t arena_bytes,
                    const vitro_config& config = {}) {
    return vitro_bind(program.get(), &config, arena, arena_bytes, &session_);
  }
  /// Into several memories instead of one arena.
  vitro_status bind_memories(const Program& program, vitro_memories& memories,
                             const vitro_config& config = {}) {
    return vitro_bind_memories(program.get(), &config, &memories, &session_);
  }

  /// uint8 RGB, image_height x image_width x 3; a run overwrites it.
  uint8_t* input(size_t* bytes = nullptr) { return vitro_input(session_, bytes); }
  /// Returns the values of the first output, for a classifier one logit for each class. They are
  /// valid until the next run. Null if vitro_config::stop ended the run.
  const float* run() { return vitro_run(session_); }
  /// The values of output `index`, row by row; null past the end.
  const float* output(size_t index) const { return vitro_output_values(session_, index); }
  vitro_status self_test() { return vitro_self_test(session_); }
  /// Of what bind() wrote for itself; program: what it was bound to.
  uint64_t sum(const Program& program) const { return vitro_session_sum(session_, program.get()); }
  const char* isa() const { return vitro_session_isa(session_); }
  vitro_session* get() { return session_; }

 private:
  vitro_session* session_ = nullptr;
};

}  // namespace vitro

#endif  // VITRO_VITRO_HPP_
