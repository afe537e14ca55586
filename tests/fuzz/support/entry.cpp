// SPDX-License-Identifier: Apache-2.0
// The function that a fuzzing engine calls. An execution of more than 5 seconds is a find.
// Processor time is measured, because on a busy machine the clock on the wall says nothing.
#include <sys/time.h>

#include <csignal>
#include <cstddef>

#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

constexpr long kMostSeconds = 5;
volatile std::sig_atomic_t done = 0;  // odd within an execution; only its changes matter
std::sig_atomic_t done_before = -1;

// Called every kMostSeconds. An execution that was already running at the last call took longer
// than that.
void on_timer(int) {
  if (done % 2 != 0 && done == done_before) fail("an execution takes more than 5 seconds");
  done_before = done;
}

const bool watching = [] {
  std::signal(SIGPROF, on_timer);
  itimerval every{};
  every.it_interval.tv_sec = every.it_value.tv_sec = kMostSeconds;
  return setitimer(ITIMER_PROF, &every, nullptr) == 0;
}();

void count() {
  done = static_cast<std::sig_atomic_t>((static_cast<unsigned>(done) + 1) & 0xffffff);
}

}  // namespace

}  // namespace vitro::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitro::fuzz;
  require(watching, "no timer");
  count();
  const int verdict = run_input(data, size);
  count();
  return verdict;
}
