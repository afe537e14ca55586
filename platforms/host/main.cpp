// SPDX-License-Identifier: Apache-2.0
// The vitro tool: exit codes, and what is said of a refusal.
#include <cstdio>
#include <exception>
#include <new>

#include "converter/base/error.h"
#include "converter/base/files_read.h"
#include "platforms/host/command_line/command_line.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/process.h"

namespace vitro::host {
namespace {

// Memory may be short from the first option on.
int run(int argc, char** argv) {
  prepare_process();
  remember_files_read();
  const bool json = asks_for_json(argc, argv);
  const auto refuse = [json](const char* before, const char* message, const char* after) {
    std::fprintf(stderr, "vitro: %s%s%s\n", before, shown(message).c_str(), after);
    if (json) refuse_in_json(message);
  };
  try {
    try {
      return parse_and_run(argc, argv);
    } catch (const UsageError& error) {
      refuse("", error.what(), "");
      return kWrongUsage;
    } catch (const InputError& error) {
      refuse("", error.what(), "");
    }
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "vitro: out of memory\n");
    if (json) refuse_in_json_without_memory("out of memory");
  } catch (const std::exception& error) {
    refuse("internal error: ", error.what(), "; please report this");
  }
  return kRefused;
}

}  // namespace
}  // namespace vitro::host

int main(int argc, char** argv) { return vitro::host::run(argc, argv); }
