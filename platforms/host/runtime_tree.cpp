// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "platforms/host/runtime_sources.h"

namespace vitro::host {

namespace {

struct IsaBase {
  const char *isa, *base;
};
constexpr IsaBase kBases[] = {
#define VITRO_INCLUDES(isa, base) {#isa, #base},
#include "runtime/kernels/kernels.def"
};

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// With those whose kernels the chosen ones use.
std::set<std::string> closed(const std::vector<std::string>& isas) {
  std::set<std::string> all(isas.begin(), isas.end());
  for (size_t before = 0; before != all.size();) {
    before = all.size();
    for (const IsaBase& pair : kBases)
      if (all.count(pair.isa) != 0) all.insert(pair.base);
  }
  return all;
}

// Whether a source is in a tree with these ISAs.
bool wanted(const std::string& path, const std::set<std::string>& isas) {
  if (ends_with(path, "sha256_x86.cpp")) return isas.count("avx2") != 0;
  if (ends_with(path, "sha256_aarch64.cpp")) return isas.count("neon") != 0;
  if (path.rfind("runtime/kernels/", 0) != 0) return true;
  return std::none_of(std::begin(kBases), std::end(kBases), [&](const IsaBase& pair) {
    return isas.count(pair.isa) == 0 && ends_with(path, std::string("_") + pair.isa + ".cpp");
  });
}

constexpr char kInclude[] = "runtime/include/", kPackages[] = "platforms/packages/tree/";

// Where a file of the project is in the tree: one include path for all, as Arduino has it, and what
// describes the tree to each build system.
std::string place_of(const std::string& path) {
  for (const auto& [folder, place] : {std::pair{kPackages, ""}, {kInclude, "src/"}})
    if (path.rfind(folder, 0) == 0) return place + path.substr(std::string_view(folder).size());
  return path.rfind("runtime/", 0) == 0 ? "src/" + path : path;
}

// The paths that a source includes in quotes.
std::vector<std::string> included(std::string_view text) {
  constexpr std::string_view kDirective = "#include \"";
  std::vector<std::string> paths;
  for (size_t at = text.find(kDirective); at != text.npos; at = text.find(kDirective, at + 1)) {
    const size_t begin = at + kDirective.size(), end = text.find('"', begin);
    std::string path(text.substr(begin, end - begin));
    if (path.rfind("vitro/", 0) == 0) path = "runtime/include/" + path;
    paths.push_back(std::move(path));
  }
  return paths;
}

const char kMakefile[] =
    "override CXXFLAGS += -std=c++17 -O2 -fno-exceptions -fno-rtti -Isrc\n"
    "libvitro_runtime.a: $(patsubst %.cpp,%.o,$(shell find src -name '*.cpp'))\n"
    "\t$(AR) rcs $@ $^\n";

const char kReadme[] =
    "# vitro's runtime\n\n"
    "Written by `vitro emit --runtime`. A complete build is: every .cpp file below `src`, by GCC "
    "or clang as C++17, with the include path `src`. No two have the same name, none needs a flag "
    "or a package, and each compiles for every CPU into what that CPU "
    "has; flags that would break the arithmetic or leave a core without its kernels are an "
    "error.\n\n"
    "    make                                        # libvitro_runtime.a for this machine\n"
    "    make CXX=arm-none-eabi-g++ AR=arm-none-eabi-ar CXXFLAGS=\"-mcpu=cortex-m55 "
    "-mfloat-abi=hard\"\n\n"
    "The folder is also a library for CMake (`add_subdirectory`, then `vitro::runtime`), Arduino, "
    "PlatformIO, a component for ESP-IDF, a module for Zephyr and, zipped as "
    "vitro.vitro.VERSION.pack, a CMSIS-Pack. Programs of C and C++ include "
    "`vitro/vitro.h` (`vitro/vitro.hpp`). `vitro emit --c-array`, `--assembly` or `--object` makes "
    "a model part of "
    "the firmware.\n\n"
    "Apache-2.0, see LICENSE.\n";

// Puts a line for each source of the tree where the description of a CMSIS-Pack wants it.
void list_sources(std::vector<TreeFile>& files) {
  constexpr std::string_view kPlace = "@SOURCES@\n";
  std::string lines;
  for (const TreeFile& file : files)
    if (ends_with(file.path, ".cpp"))
      lines += "        <file category=\"source\" language=\"cpp\" name=\"" + file.path + "\"/>\n";
  for (TreeFile& file : files)
    if (ends_with(file.path, ".pdsc"))
      file.text.replace(file.text.find(kPlace), kPlace.size(), lines);
}

}  // namespace

std::vector<std::string> known_isas() {
  std::vector<std::string> isas;
  for (const IsaBase& pair : kBases) isas.emplace_back(pair.isa);
  return isas;
}

std::vector<TreeFile> runtime_tree(const std::vector<std::string>& chosen) {
  const std::set<std::string> isas = closed(chosen.empty() ? known_isas() : chosen);
  std::vector<TreeFile> files = {{"Makefile", kMakefile}, {"README.md", kReadme}};
  std::set<std::string> taken, headers;
  const auto take = [&](const RuntimeSource& source) {
    taken.insert(source.path);
    files.push_back({place_of(source.path), {source.begin, source.end}});
    for (std::string& path : included(files.back().text)) headers.insert(std::move(path));
  };
  for (size_t i = 0; i < kRuntimeSourceCount; ++i) {
    const RuntimeSource& source = kRuntimeSources[i];
    const std::string path = source.path;
    if (path == "LICENSE" || path.rfind(kPackages, 0) == 0 || path.rfind(kInclude, 0) == 0 ||
        (ends_with(path, ".cpp") && wanted(path, isas)))
      take(source);
  }
  for (bool more = true; more;) {  // what headers include in turn
    more = false;
    for (size_t i = 0; i < kRuntimeSourceCount; ++i) {
      const RuntimeSource& source = kRuntimeSources[i];
      if (headers.count(source.path) == 0 || taken.count(source.path) != 0) continue;
      take(source);
      more = true;
    }
  }
  std::sort(files.begin(), files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.path < b.path; });
  list_sources(files);
  return files;
}

}  // namespace vitro::host
