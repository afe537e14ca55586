// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/processors.h"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <thread>

#include "converter/base/input_file.h"

namespace vitro::host {

namespace {

constexpr size_t kMostOfAFile = 1 << 16;

// "MAX PERIOD" or "max PERIOD", in microseconds. A quota of -1 is none.
std::optional<double> quotient(const std::string& text) {
  std::istringstream words(text);
  double quota = 0, period = 0;
  if (words >> quota >> period && quota > 0 && period > 0) return quota / period;
  return std::nullopt;
}

bool names_cpu(const std::string& controllers) {
  std::istringstream names(controllers);
  for (std::string name; std::getline(names, name, ',');)
    if (name == "cpu") return true;
  return false;
}

}  // namespace

std::optional<double> granted_processors(const std::string& membership, const std::string& mount) {
  std::optional<double> least;
  const auto take = [&](std::optional<double> granted) {
    if (granted && (!least || *granted < *least)) least = granted;
  };
  std::istringstream lines(membership);
  for (std::string line; std::getline(lines, line);) {  // NUMBER:CONTROLLERS:PATH
    const size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool version_1 = names_cpu(controllers);
    if (!version_1 && !controllers.empty()) continue;
    const std::string root = version_1 ? mount + "/" + controllers : mount;
    // A container may see the path of a group that is mounted as its root: what is not there says
    // nothing.
    for (std::string path = line.substr(second + 1);; path.resize(path.rfind('/'))) {
      const std::string group = root + (path == "/" ? "" : path) + "/";
      take(quotient(version_1 ? first_bytes(group + "cpu.cfs_quota_us", kMostOfAFile) + " " +
                                    first_bytes(group + "cpu.cfs_period_us", kMostOfAFile)
                              : first_bytes(group + "cpu.max", kMostOfAFile)));
      if (path.find('/') == std::string::npos) break;
    }
  }
  return least;
}

size_t usable_processors() {
  const double processors = std::max(1u, std::thread::hardware_concurrency());
  const std::optional<double> granted =
      granted_processors(first_bytes("/proc/self/cgroup", kMostOfAFile), "/sys/fs/cgroup");
  return static_cast<size_t>(
      std::max(1.0, std::min(processors, std::ceil(granted.value_or(processors)))));
}

}  // namespace vitro::host
