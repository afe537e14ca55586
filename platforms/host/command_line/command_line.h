// SPDX-License-Identifier: Apache-2.0
// The command line: which commands there are, and the options of each.
#pragma once

namespace vitro::host {

/// Exit code.
constexpr int kWrongUsage = 2;

/// Whether the arguments ask for JSON. Works even where they cannot be parsed, because an option's
/// value never looks like another option.
bool asks_for_json(int argc, char** argv);

/// Runs the command that the arguments name. Returns the process's exit code. Where the arguments
/// cannot be parsed, it tells the user. Throws what the command throws.
int parse_and_run(int argc, char** argv);

}  // namespace vitro::host
