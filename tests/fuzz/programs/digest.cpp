// SPDX-License-Identifier: Apache-2.0
// fuzz_digest FILE|FOLDER...: for each program one line, its name and the SHA-256 of every tensor
// after every step, when all kernel variants of this machine agree on it; else it ends as a fuzzer
// does. The same lines on every machine: ../compare.sh.
#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "converter/base/aligned_bytes.h"
#include "runtime/digest/sha256.h"
#include "tests/fuzz/programs/agree.h"
#include "tests/fuzz/support/target.h"

namespace fs = std::filesystem;

namespace {

std::vector<fs::path> files_of(int count, char** arguments) {
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    if (!fs::is_directory(arguments[i])) {
      files.emplace_back(arguments[i]);
      continue;
    }
    for (const auto& entry : fs::directory_iterator(arguments[i]))
      if (entry.is_regular_file()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return a.filename() < b.filename(); });
  return files;
}

std::string digest_of(const vitro_program& program) {
  vitro::Sha256 hash;
  for (const auto& step : vitro::fuzz::bytes_of_steps(program, {"reference", 1, 0}))
    hash.update(step.data(), step.size());
  char hex[65];
  hash.hex(hex);
  return hex;
}

}  // namespace

int main(int count, char** arguments) {
  using namespace vitro::fuzz;
  for (const fs::path& path : files_of(count, arguments)) {
    std::ifstream stream(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), {}};
    vitro::AlignedBytes file(bytes.size());
    std::copy(bytes.begin(), bytes.end(), file.data());
    const Verdict verdict = check_program(file.data(), file.size());
    std::string digest = verdict == Verdict::refused ? "refused" : "heavy";
    if (verdict == Verdict::agreed) {
      vitro_program program;
      vitro_open(file.data(), file.size(), &program);
      digest = digest_of(program);
    }
    std::printf("%s %s\n", path.filename().c_str(), digest.c_str());
  }
}
