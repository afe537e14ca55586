// SPDX-License-Identifier: Apache-2.0
// Progress on stderr, for work that takes longer than a moment.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace vitro::host {

class ProgressLine {
 public:
  ~ProgressLine() { finish(); }
  /// May be called from several threads. On a terminal one line is kept up to date; elsewhere a
  /// line is printed when `what` changes and every 5 s.
  void show(const std::string& what, double done);
  void finish();

 private:
  std::mutex mutex_;
  std::string what_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), last_{};
  bool line_open_ = false;
};

}  // namespace vitro::host
