// SPDX-License-Identifier: Apache-2.0
// A line of progress for programs that take seconds for a picture.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <vector>

#include "platforms/host/progress.h"
#include "vitro/vitro.hpp"

namespace vitro::host {

/// Hears of each step by vitro_config::trace, and shows after two seconds how far the runs are.
class RunProgress {
 public:
  /// `runs`: of the program, one after the other.
  RunProgress(const Program& program, const char* what, size_t runs);

  /// Null where the runs are over in a moment on any machine.
  vitro_trace trace() const { return slow_ ? on_op : nullptr; }
  void* context() { return this; }
  void finish() { line_.finish(); }

 private:
  static void on_op(void* context, size_t step, size_t op);

  const char* what_;
  size_t runs_;
  bool slow_;
  std::vector<double> before_;  // by step: the share of a run's products that come before it
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::atomic<size_t> step_{0}, run_{0};
  ProgressLine line_;
};

}  // namespace vitro::host
