// SPDX-License-Identifier: Apache-2.0
#include "tests/platforms/host/faults/faults.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>

namespace vitro {

namespace {

constexpr const char* kVariables[] = {"LD_PRELOAD", "FAULT_IN",   "FAULT_AT",
                                      "FAULT_DO",   "FAULT_MORE", "FAULT_COUNT"};

}  // namespace

bool faults_can_be_made() {
#ifdef VITRO_SANITIZED
  return false;
#else
  return true;
#endif
}

ToolResult run_with_fault(const Arguments& arguments, const Fault& fault) {
  setenv("LD_PRELOAD", VITRO_INJECT, 1);
  setenv("FAULT_IN", fault.in.c_str(), 1);
  setenv("FAULT_AT", std::to_string(fault.at).c_str(), 1);
  setenv("FAULT_DO", fault.act.c_str(), 1);
  if (fault.more) setenv("FAULT_MORE", "1", 1);
  const ToolResult result = run_tool(arguments);
  for (const char* name : kVariables) unsetenv(name);
  return result;
}

unsigned long count_calls(const Arguments& arguments, const std::string& in) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("vitro_calls_" + std::to_string(getpid())))
          .string();
  setenv("FAULT_COUNT", file.c_str(), 1);
  const ToolResult result = run_with_fault(arguments, {in});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  const std::string count = read_bytes(file);
  std::filesystem::remove(file);
  return std::strtoul(count.c_str(), nullptr, 10);
}

}  // namespace vitro
