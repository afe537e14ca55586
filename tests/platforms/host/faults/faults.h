// SPDX-License-Identifier: Apache-2.0
// Runs the tool so that one of its calls to the system goes wrong.
#pragma once

#include <string>

#include "tests/support/tool_runner.h"

namespace vitro {

/// Of inject.c: what it is about.
struct Fault {
  std::string in;            // memory, threads, files
  unsigned long at = 0;      // the call that goes wrong, from 1; 0: none
  std::string act = "fail";  // fail, interrupt, short, kill
  bool more = false;         // all after it, too
};

/// Not under sanitizers, which replace the same functions.
bool faults_can_be_made();

ToolResult run_with_fault(const Arguments& arguments, const Fault& fault);

/// How many calls of the kind there are without a fault.
unsigned long count_calls(const Arguments& arguments, const std::string& in);

}  // namespace vitro
