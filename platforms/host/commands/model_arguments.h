// SPDX-License-Identifier: Apache-2.0
// The command line's words about a model, as models/ takes them.
#pragma once

#include "models/model.h"
#include "platforms/host/commands/commands.h"

namespace vitro::host {

/// Throw UsageError, naming the option.
converter::NamedValues family_settings(const FamilyArguments& arguments);
converter::ModelOptions model_options(const ModelArguments& arguments);

}  // namespace vitro::host
