// SPDX-License-Identifier: Apache-2.0
// Options that several commands have.
#pragma once

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

#include "platforms/host/commands/commands.h"

namespace vitro::host {

/// A number in decimal digits, `low` to `high`. CLI11's own conversion takes -1 and what is too
/// large for the largest number, and 010 for 8.
CLI::Validator whole_number(uint64_t low, uint64_t high);

void add_model(CLI::App* app, std::string& model);
void add_json(CLI::App* app, bool& json);
void add_run_options(CLI::App* app, RunOptions& options);
/// Each option overrides what the model's own files say. A value that neither gives is printed as
/// assumed.
void add_family_options(CLI::App* app, FamilyArguments& f);
/// For 'convert' and, since they belong to the model, for the model that 'eval' compares with.
void add_adapter_options(CLI::App* app, std::string& lora, std::string& prompts,
                         PixelSize& image_size);

#ifdef VITRO_HAVE_CONVERTER
void add_activations(CLI::App* app, std::string& activations);
/// All options that decide which graph a model's files become.
void add_model_options(CLI::App* app, ModelArguments& m);
#endif

}  // namespace vitro::host
