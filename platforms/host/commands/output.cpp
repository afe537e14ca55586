// SPDX-License-Identifier: Apache-2.0
// What all commands write: JSON, stdout, files.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "platforms/host/commands/commands.h"

namespace vitro::host {

namespace fs = std::filesystem;

void print_json(const nlohmann::ordered_json& object) {
  std::printf("%s\n",
              object.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

void check_stdout() {
  if (std::ferror(stdout))
    throw InputError("standard output",
                     std::string("cannot be written (") + std::strerror(errno) + ")",
                     "give it room, or another place");
}

void flush_stdout() {
  std::fflush(stdout);
  check_stdout();
}

void check_outputs(const std::vector<std::string>& outputs,
                   const std::vector<std::string>& inputs) {
  std::vector<std::string> taken;
  for (const std::string& output : outputs) {
    if (output.empty()) continue;
    if (output == "-")
      throw UsageError(output, "is not a file name", "write ./- for a file of this name");
    std::error_code error;
    if (fs::exists(output, error)) {
      for (const std::string& input : inputs) {
        if (!input.empty() && fs::equivalent(output, input, error))
          throw InputError(output, "is to be read, and would be overwritten",
                           "give another name to write to");
      }
    }
    const std::string canonical = fs::weakly_canonical(output, error).string();
    if (std::find(taken.begin(), taken.end(), canonical) != taken.end())
      throw UsageError(output, "is to be written twice", "give two names");
    taken.push_back(canonical);
  }
}

}  // namespace vitro::host
