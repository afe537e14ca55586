// SPDX-License-Identifier: Apache-2.0
// An engine for targets under the memory sanitizer, in place of libFuzzer, which is not built for
// it: replay RUNS FILE|FOLDER... runs every file once and then RUNS changed ones. Each change is
// drawn from its number, so that every run does the same. Of the standard library it uses no
// streams, which are not built for it either.
#include <dirent.h>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "tests/fuzz/support/choices.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);
extern "C" __attribute__((weak)) size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size,
                                                                size_t max_size, unsigned seed);

namespace {

using Bytes = std::vector<uint8_t>;

constexpr size_t kMost = 65536;
vitro::fuzz::Choices choices(1);

void read_file(const std::string& path, std::vector<Bytes>& inputs) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (!file) std::exit((std::fprintf(stderr, "replay: cannot read %s\n", path.c_str()), 1));
  Bytes bytes(kMost);
  bytes.resize(std::fread(bytes.data(), 1, kMost, file));
  std::fclose(file);
  inputs.push_back(bytes);
}

void read(const std::string& path, std::vector<Bytes>& inputs) {
  DIR* const folder = opendir(path.c_str());
  if (!folder) return read_file(path, inputs);
  while (const dirent* entry = readdir(folder))
    if (entry->d_name[0] != '.') read_file(path + "/" + entry->d_name, inputs);
  closedir(folder);
}

}  // namespace

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t) {
  for (size_t left = 1 + choices.below(4); left > 0 && size > 0; --left) {
    const size_t at = choices.below(size);
    switch (choices.below(4)) {
      case 0: data[at] = static_cast<uint8_t>(choices.next()); break;
      case 1: data[at] ^= static_cast<uint8_t>(1 << choices.below(8)); break;
      case 2: data[at] = choices.one_in(2) ? 0 : 0xff; break;
      default: size = choices.one_in(8) ? at : size;
    }
  }
  return size;
}

int main(int count, char** arguments) {
  if (count < 3) return std::fprintf(stderr, "usage: replay RUNS FILE|FOLDER...\n"), 2;
  std::vector<Bytes> inputs;
  for (int i = 2; i < count; ++i) read(arguments[i], inputs);
  if (inputs.empty()) return std::fprintf(stderr, "replay: no inputs\n"), 1;
  for (const Bytes& input : inputs) LLVMFuzzerTestOneInput(input.data(), input.size());
  const unsigned long runs = std::strtoul(arguments[1], nullptr, 10);
  for (unsigned long run = 0; run < runs; ++run) {
    Bytes input = choices.of(inputs);
    const size_t size = input.size();
    input.resize(kMost);
    input.resize(LLVMFuzzerCustomMutator ? LLVMFuzzerCustomMutator(input.data(), size, kMost,
                                                                   static_cast<unsigned>(run))
                                         : LLVMFuzzerMutate(input.data(), size, kMost));
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%zu files, %lu changed ones\n", inputs.size(), runs);
}
