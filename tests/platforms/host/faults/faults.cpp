// SPDX-License-Identifier: Apache-2.0
#include "tests/platforms/host/faults/faults.h"

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

namespace vitro {

namespace {

constexpr const char* kVariables[] = {"LD_PRELOAD", "FAULT_IN",    "FAULT_AT",    "FAULT_DO",
                                      "FAULT_MORE", "FAULT_COUNT", "FAULT_PLACES"};

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
  ToolResult result = run_tool(arguments);
  for (const char* name : kVariables) unsetenv(name);
  return result;
}

namespace {

/// What inject.c writes into the file that `variable` names, in a run without a fault.
std::string told(const char* variable, const Arguments& arguments, const std::string& in) {
  const std::string file =
      (std::filesystem::temp_directory_path() / ("vitro_calls_" + std::to_string(getpid())))
          .string();
  setenv(variable, file.c_str(), 1);
  const ToolResult result = run_with_fault(arguments, {in});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  std::string bytes = read_bytes(file);
  std::filesystem::remove(file);
  return bytes;
}

}  // namespace

unsigned long count_calls(const Arguments& arguments, const std::string& in) {
  return std::strtoul(told("FAULT_COUNT", arguments, in).c_str(), nullptr, 10);
}

std::vector<unsigned long> calls_by_place(const Arguments& arguments) {
  const std::string bytes = told("FAULT_PLACES", arguments, "memory");
  std::map<uint64_t, unsigned long> last;
  std::set<unsigned long> calls;
  for (unsigned long call = 1; call * sizeof(uint64_t) <= bytes.size(); ++call) {
    uint64_t place = 0;
    std::memcpy(&place, bytes.data() + (call - 1) * sizeof place, sizeof place);
    if (last.count(place) == 0) calls.insert(call);
    last[place] = call;
  }
  for (const auto& [place, call] : last) calls.insert(call);
  return {calls.begin(), calls.end()};
}

}  // namespace vitro
