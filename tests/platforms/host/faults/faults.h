// SPDX-License-Identifier: Apache-2.0
// Runs the tool and makes one of its system calls fail.
#pragma once

#include <string>
#include <vector>

#include "tests/support/tool_runner.h"

namespace vitro {

/// A fault that inject.c makes.
struct Fault {
  std::string in;            // memory, threads, files
  unsigned long at = 0;      // the call that fails, counted from 1; 0: none
  std::string act = "fail";  // fail, interrupt, short, kill
  bool more = false;         // all calls after it fail too
};

/// False under sanitizers, which replace the same functions.
bool faults_can_be_made();

ToolResult run_with_fault(const Arguments& arguments, const Fault& fault);

/// The number of calls of this kind in a run without a fault.
unsigned long count_calls(const Arguments& arguments, const std::string& in);

/// The calls for memory in a run without a fault that come from a place for the first or the last
/// time. A place is all callers together. In rising order.
std::vector<unsigned long> calls_by_place(const Arguments& arguments);

}  // namespace vitro
