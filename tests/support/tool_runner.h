// SPDX-License-Identifier: Apache-2.0
// Runs the vitro binary as its users do, and makes its inputs: random checkpoints, pictures,
// folders of pictures.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/make_checkpoint.h"
#include "tests/support/temporary_folder.h"

namespace vitro {

using namespace converter;

using Arguments = std::vector<std::string>;

struct ToolResult {
  int exit_code;  // minus the signal's number if a signal ended it
  std::string out, err;
  long peak_kib;  // peak resident memory; at least that of the test itself
};

/// Runs `vitro` with these arguments, without a shell. If they are given, its stdout goes to
/// `stdout_path`, and its stdin comes from `stdin_path`.
ToolResult run_tool(const Arguments& arguments, const std::string& stdout_path = "",
                    const std::string& stdin_path = "/dev/null");

std::string read_bytes(const std::string& path);

/// The kernel variants that `vitro isa` lists, the best first.
std::vector<std::string> available_isas();
/// logits_sha256 of each result of `vitro run --json`.
std::vector<std::string> hashes(const nlohmann::json& run);
/// Expects that each key exists and is a finite number, or (expect_counts) a whole number above 0.
void expect_numbers(const nlohmann::json& object, const std::vector<const char*>& keys);
void expect_counts(const nlohmann::json& object, const std::vector<const char*>& keys);

class ToolTest : public TemporaryFolderTest {
 protected:
  /// Writes a picture of smooth colours, which depend on the seed; the name decides whether as .png
  /// or .bmp.
  std::string picture(const std::string& name, unsigned seed = 1, int width = 24,
                      int height = 20) const;
  /// Writes a folder with 0.png, 1.png ...
  std::string pictures(const std::string& name, unsigned count) const;
  std::string checkpoint(const std::string& name = "vit.safetensors",
                         const RandomVit& options = {}) const;
  /// Converts that checkpoint. `more` are further arguments, which follow the others.
  std::string program(const std::string& name = "vit.vitro", const RandomVit& options = {},
                      const Arguments& more = {}) const;

  /// Runs with --json; expects `exit_code` and one object on stdout, which it returns.
  nlohmann::json run_json(Arguments arguments, int exit_code = 0) const;
  /// Expects that the tool refuses (exit code 1): nothing on stdout, on stderr one sentence with
  /// all of `words` and a remedy, every file as it was.
  void expect_refused(const Arguments& arguments, const std::vector<std::string>& words) const;
  /// Expects exit code 2, nothing on stdout, `word` on stderr, every file as it was.
  void expect_wrong_usage(const Arguments& arguments, const std::string& word) const;

 private:
  std::map<std::string, std::string> contents() const;
};

}  // namespace vitro
