// SPDX-License-Identifier: Apache-2.0
// Options of the commands by which a program is trusted: keygen, sign, verify.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "platforms/host/commands/commands.h"

namespace vitro::host {

void add_keygen(CLI::App& app, KeygenCommand& command, std::function<int()>& action);
void add_sign(CLI::App& app, SignCommand& command, std::function<int()>& action);
void add_verify(CLI::App& app, VerifyCommand& command, std::function<int()>& action);

}  // namespace vitro::host
