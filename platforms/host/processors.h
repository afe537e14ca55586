// SPDX-License-Identifier: Apache-2.0
// How many processors this process may use.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace vitro::host {

/// At least 1: the processors that this process may run on, or fewer where its control group grants
/// the time of fewer (rounded up), as containers' limits do.
size_t usable_processors();

/// Processors' worth of time that control groups grant: the least of cpu.max (version 2) or
/// cpu.cfs_quota_us / cpu.cfs_period_us (version 1) of the process's group and those above it.
/// `membership`: the text of /proc/self/cgroup; `mount`: where control groups are mounted. Nothing
/// where there is no limit.
std::optional<double> granted_processors(const std::string& membership, const std::string& mount);

}  // namespace vitro::host
