// SPDX-License-Identifier: Apache-2.0
// What all commands write: JSON, stdout, files.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "converter/base/files_read.h"
#include "platforms/host/commands/commands.h"

namespace vitro::host {

namespace fs = std::filesystem;

namespace {

bool json_has_begun = false;

// A file takes its place as a whole, so that writing to a device would replace that.
void check_writable(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error))
    throw InputError(path, "cannot be written: it is a folder", "give the name of a file");
  if (fs::path(path).filename().empty() ||
      (fs::exists(path, error) && !fs::is_regular_file(path, error)))
    throw InputError(path, "cannot be written: it is not the name of a file",
                     "give a name in a folder that you may write to");
  const std::string folder =
      path.find('/') == std::string::npos ? "." : path.substr(0, path.find_last_of('/') + 1);
  if (access(folder.c_str(), W_OK | X_OK) != 0)
    throw InputError(path, "cannot be written: no such folder, or no permission",
                     "give a path in a folder that you may write to");
}

}  // namespace

std::string formatted(const char* format, ...) {
  va_list list, again;
  va_start(list, format);
  va_copy(again, list);
  std::string text(static_cast<size_t>(std::max(0, std::vsnprintf(nullptr, 0, format, list))), ' ');
  va_end(list);
  std::vsnprintf(text.data(), text.size() + 1, format, again);
  va_end(again);
  return text;
}

void print_text(const std::string& text, bool json) {
  if (json) json_begins();
  std::fputs(text.c_str(), stdout);
}

void json_begins() { json_has_begun = true; }

std::string json_of(const nlohmann::ordered_json& value, int indent) {
  return json_text(
      value.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void print_json(const nlohmann::ordered_json& object) {
  print_text(json_of(object, 2) + "\n", true);
}

void refuse_in_json(const std::string& message) {
  if (!json_has_begun) print_text(json_of({{"error", message}}, -1) + "\n", true);
  std::fflush(stdout);
}

void refuse_in_json_without_memory(const char* message) noexcept {
  if (!json_has_begun) std::printf("{\"error\":\"%s\"}\n", message);
  std::fflush(stdout);
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
    check_writable(output);
    refuse_file_read(output);
    std::error_code error;
    for (const std::string& input : inputs) {
      if (!input.empty() && fs::equivalent(output, input, error))
        throw InputError(output, "is to be read, and would be overwritten",
                         "give another name to write to");
    }
    const std::string canonical = fs::weakly_canonical(output, error).string();
    if (std::find(taken.begin(), taken.end(), canonical) != taken.end())
      throw UsageError(output, "is to be written twice", "give two names");
    taken.push_back(canonical);
  }
}

}  // namespace vitro::host
