// SPDX-License-Identifier: Apache-2.0
// Options of the commands that show what a network sees: features, index,
// attention; and those by which run compares photos with a gallery.
#pragma once

#include <functional>

#include <CLI/CLI.hpp>

#include "platforms/host/commands/commands.h"

namespace vitro::host {

void add_features(CLI::App& app, FeaturesCommand& command, std::function<int()>& action);
void add_index(CLI::App& app, IndexCommand& command, std::function<int()>& action);
void add_attention(CLI::App& app, AttentionCommand& command, std::function<int()>& action);

void add_gallery_options(CLI::App* sub, RunCommand& command);

}  // namespace vitro::host
