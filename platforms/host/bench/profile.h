// SPDX-License-Identifier: Apache-2.0
// Where the time of a run goes: by op, and as a trace of all threads.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "platforms/host/inference.h"

namespace vitro::host {

/// [{op, name, milliseconds, macs, gmacs_per_s, efficiency}] in the program's order, the mean of
/// `runs` runs on one thread. efficiency: of an op with products, its speed as a share of
/// `limit`, MAC per second of one thread; null of the others.
nlohmann::ordered_json profile_ops(const ProgramFile& file, const RunOptions& options,
                                   const std::vector<uint8_t>& picture, size_t runs, double limit);

/// The rows of profile_ops() as a table, and sums by kind of op.
std::string profile_table(const nlohmann::ordered_json& rows);

/// One run on all threads in Chrome's trace event format, which Perfetto reads as well: an event
/// for each op of each tile, on the thread that ran it.
std::string trace_run(const ProgramFile& file, const RunOptions& options,
                      const std::vector<uint8_t>& picture);

}  // namespace vitro::host
