// SPDX-License-Identifier: Apache-2.0
// The runtime's sources and the licence, inside the tool: the build makes the list.
#pragma once

#include <string>
#include <vector>

namespace vitro::host {

struct RuntimeSource {
  const char* path;  // as in the project: "runtime/program/run.cpp"
  const char *begin, *end;
};

extern const RuntimeSource kRuntimeSources[];
extern const size_t kRuntimeSourceCount;

struct TreeFile {
  std::string path, text;
};

/// The kernel variants that there are sources of, but the reference.
std::vector<std::string> known_isas();

/// The files of a source tree with the kernels of these ISAs, and of those that they build upon;
/// only headers that some source of it includes. Beside the sources: LICENSE, Makefile, README.md.
/// isas: of known_isas(); empty: all of them.
std::vector<TreeFile> runtime_tree(const std::vector<std::string>& isas);

}  // namespace vitro::host
