// SPDX-License-Identifier: Apache-2.0
// The command line: which commands there are, and the options of each.
#pragma once

namespace vitro::host {

/// Exit code.
constexpr int kWrongUsage = 2;

/// Whether the arguments ask for JSON, also where they cannot be parsed: an option's value never
/// looks like another option.
bool asks_for_json(int argc, char** argv);

/// Runs the command that the arguments name. Returns the process's exit code; of arguments that
/// cannot be parsed it has told the user. Throws what the command throws.
int parse_and_run(int argc, char** argv);

}  // namespace vitro::host
