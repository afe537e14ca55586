// SPDX-License-Identifier: Apache-2.0
// vitro emit --runtime: a new folder with the runtime's sources, whole or not at all.
#include <filesystem>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/base/write_file.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/runtime_sources.h"

namespace vitro::host {

namespace {

namespace fs = std::filesystem;

void check_runtime_usage(const EmitCommand& c) {
  for (const auto& [option, given] : {std::pair{"--model", !c.model.empty()},
                                      {"--output", !c.output.empty()},
                                      {"--image", !c.images.empty()},
                                      {"--name", !c.name.empty()},
                                      {"--kernel", !c.kernel.empty()},
                                      {"--stop", c.stop}})
    if (given)
      throw UsageError(option, "--runtime writes sources alone, into its folder", "leave it out");
}

}  // namespace

void emit_runtime_command(const EmitCommand& command) {
  check_runtime_usage(command);
  const fs::path folder = fs::path(command.runtime).lexically_normal();
  const std::string shown_folder = command.runtime;
  std::error_code fault;
  if (fs::exists(folder, fault) && !fs::is_empty(folder, fault))
    throw InputError(shown_folder, "is there already", "name a new folder");
  const fs::path whole = folder.has_filename() ? folder : folder.parent_path();
  const fs::path unfinished = whole.string() + ".unfinished";
  if (fs::exists(unfinished, fault))
    throw InputError(unfinished.string(), "is of a run that was killed", "remove it");
  size_t bytes = 0;
  const std::vector<TreeFile> files = runtime_tree(command.isas);
  try {
    fs::create_directory(unfinished);  // fails where the folder around it does not exist
    OutputFiles outputs;
    for (const TreeFile& file : files) {
      fs::create_directories((unfinished / file.path).parent_path());
      outputs.add((unfinished / file.path).string()).write(file.text);
      bytes += file.text.size();
    }
    outputs.commit();
    fs::rename(unfinished, whole);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(unfinished, fault);
    throw InputError(shown_folder, "cannot be made: " + error.code().message(),
                     "name a folder that may be written");
  } catch (...) {
    fs::remove_all(unfinished, fault);
    throw;
  }
  const nlohmann::ordered_json facts = {
      {"kind", "runtime"},
      {"folder", command.runtime},
      {"files", files.size()},
      {"file_bytes", bytes},
      {"isas", command.isas.empty() ? known_isas() : command.isas}};
  print_text(command.json ? json_of(facts, 2) + "\n"
                          : formatted("%s: the runtime's sources, %zu files, %zu bytes\n",
                                      shown(command.runtime).c_str(), files.size(), bytes),
             command.json);
}

}  // namespace vitro::host
