// SPDX-License-Identifier: Apache-2.0
// Two measurements side by side.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

namespace vitro::host {

/// Two files of `vitro bench --json`. {before, after, warnings, p50_ratio, min_ratio,
/// efficiency_ratio, profile: [{op, name, before_ms, after_ms, ratio}]}; a ratio is after / before;
/// the profile is there where both files have one, and its ops those that both have. Throws
/// InputError where a file is no such measurement.
nlohmann::ordered_json compare_benches(const std::string& before, const std::string& after);

/// The same as a table.
std::string comparison_table(const nlohmann::ordered_json& comparison);

}  // namespace vitro::host
