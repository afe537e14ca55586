// SPDX-License-Identifier: Apache-2.0
// fuzz_digest FILE|FOLDER...: prints a line for each program, with its name and the SHA-256 of
// every tensor after every step. If the kernel variants of this machine disagree, it ends like a
// fuzzer. The lines must be the same on every machine (../compare.sh).
//
// fuzz_digest --made COUNT FILE|FOLDER...: the same for COUNT programs that the mutator makes from
// each of these, without the refused ones; last, the SHA-256 of all lines before.
//
// fuzz_digest --expect SHA256 --made ...: only that last line, which must be SHA256.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "converter/base/aligned_bytes.h"
#include "runtime/digest/sha256.h"
#include "tests/fuzz/programs/agree.h"
#include "tests/fuzz/programs/mutate.h"

namespace fs = std::filesystem;

namespace vitro::fuzz {

namespace {

using Bytes = std::vector<uint8_t>;

// A program grows through many changes; only the last few versions that are sound are computed.
constexpr size_t kMostChanges = 12;
constexpr Effort kMadeEffort{2e6, size_t{4} << 20};

std::vector<fs::path> files_of(int count, char** arguments) {
  std::vector<fs::path> files;
  for (int i = 0; i < count; ++i) {
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

Bytes read(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string hex_of(const Sha256& hash) {
  char hex[65];
  hash.hex(hex);
  return hex;
}

std::string digest_of(const Bytes& bytes, const Effort& effort) {
  AlignedBytes file(bytes.size());
  std::copy(bytes.begin(), bytes.end(), file.data());
  const Verdict verdict = check_program(file.data(), file.size(), effort);
  if (verdict != Verdict::agreed) return verdict == Verdict::refused ? "refused" : "heavy";
  vitro_program program;
  vitro_open(file.data(), file.size(), &program);
  Sha256 hash;
  for (const auto& step : bytes_of_steps(program, {"reference", 1, 0}))
    hash.update(step.data(), step.size());
  return hex_of(hash);
}

struct Made {
  Sha256 lines;
  size_t programs = 0;

  void add(const std::string& line, bool quiet) {
    lines.update(reinterpret_cast<const uint8_t*>(line.data()), line.size());
    ++programs;
    if (!quiet) std::fputs(line.c_str(), stdout);
  }
};

// A chain of changes, each applied to the last version that was still a program.
void make(const fs::path& path, uint64_t seed, bool quiet, Made& made) {
  Bytes now = read(path);
  Choices choices(seed);
  for (size_t i = 0; i < kMostChanges; ++i) {
    schema::ProgramT program;
    if (!unpack(now.data(), now.size(), program)) return;
    change(program, choices);
    const Bytes next = pack(program);
    const std::string digest = digest_of(next, kMadeEffort);
    if (digest == "refused") continue;
    made.add(path.stem().string() + "." + std::to_string(seed) + "." + std::to_string(i) + " " +
                 digest + "\n",
             quiet);
    if (digest != "heavy") now = next;
  }
}

int make_all(uint64_t seeds, const std::vector<fs::path>& files, const std::string& expected) {
  Made made;
  for (const fs::path& path : files)
    if (path.extension() == ".vitro")
      for (uint64_t seed = 1; seed <= seeds; ++seed) make(path, seed, !expected.empty(), made);
  const std::string digest = hex_of(made.lines);
  std::printf("%zu programs made %s\n", made.programs, digest.c_str());
  if (expected.empty() || digest == expected) return 0;
  std::fprintf(stderr,
               "fuzz_digest: expected %s: leave out --expect here and on another machine, "
               "and look where the lines differ\n",
               expected.c_str());
  return 1;
}

}  // namespace

}  // namespace vitro::fuzz

int main(int count, char** arguments) {
  using namespace vitro::fuzz;
  int at = 1;
  std::string expected;
  if (at + 1 < count && std::strcmp(arguments[at], "--expect") == 0) {
    expected = arguments[at + 1];
    at += 2;
  }
  if (at + 1 < count && std::strcmp(arguments[at], "--made") == 0) {
    const uint64_t seeds = std::strtoull(arguments[at + 1], nullptr, 10);
    return make_all(seeds, files_of(count - at - 2, arguments + at + 2), expected);
  }
  for (const fs::path& path : files_of(count - at, arguments + at))
    std::printf("%s %s\n", path.filename().c_str(), digest_of(read(path), {}).c_str());
}
