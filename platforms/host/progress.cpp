// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/progress.h"

#include <unistd.h>

#include <cstdio>

namespace vitro::host {

void ProgressLine::show(const std::string& what, double done) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const bool terminal = isatty(STDERR_FILENO);
  const bool changed = what != what_;
  const double since = std::chrono::duration<double>(now - last_).count();
  if (!changed && since < (terminal ? 0.1 : 5.0)) return;
  if (changed && line_open_) std::fputc('\n', stderr);
  what_ = what;
  last_ = now;
  std::fprintf(stderr, "%s[%5.1f s] %s %3.0f %%%s", terminal ? "\r" : "",
               std::chrono::duration<double>(now - start_).count(), what.c_str(), done * 100,
               terminal ? "" : "\n");
  std::fflush(stderr);
  line_open_ = terminal;
}

void ProgressLine::finish() {
  const std::lock_guard lock(mutex_);
  if (line_open_) std::fputc('\n', stderr);
  line_open_ = false;
}

}  // namespace vitro::host
