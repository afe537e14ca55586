// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/run_progress.h"

#include <algorithm>

namespace vitro::host {

namespace {

constexpr double kQuickMacs = 1e10;  // a second on the slowest boards that have an operating system
constexpr std::chrono::seconds kQuiet{2};

}  // namespace

RunProgress::RunProgress(const Program& program, const char* what, size_t runs)
    : what_(what), runs_(std::max<size_t>(runs, 1)) {
  const double all = static_cast<double>(program.work().macs);
  slow_ = all * static_cast<double>(runs_) > kQuickMacs;
  if (!slow_) return;
  vitro_work_info work;
  double sum = 0;
  for (size_t step = 0; vitro_op_work(program.get(), step, 0, &work) == VITRO_OK; ++step) {
    before_.push_back(sum / all);
    for (size_t op = 0; vitro_op_work(program.get(), step, op, &work) == VITRO_OK; ++op)
      sum += static_cast<double>(work.macs);
  }
}

// Of the threads of a run each brings this; which of them is the first to do so does not matter.
void RunProgress::on_op(void* context, size_t step, size_t /*op*/) {
  RunProgress& self = *static_cast<RunProgress*>(context);
  const size_t last = self.step_.exchange(step);
  if (last == step) return;
  if (step == 0) ++self.run_;
  if (std::chrono::steady_clock::now() - self.start_ < kQuiet) return;
  const double done =
      (static_cast<double>(self.run_) + self.before_[step]) / static_cast<double>(self.runs_);
  self.line_.show(self.what_, std::min(done, 1.0));
}

}  // namespace vitro::host
