// SPDX-License-Identifier: Apache-2.0
// vitro families: which models are computed.
#include "models/families.h"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "platforms/host/commands/commands.h"

namespace vitro::host {

using namespace converter;

void families_command(bool json) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Family* family : all_families()) {
    nlohmann::ordered_json settings = nlohmann::ordered_json::array();
    for (const FamilySetting& setting : family->settings)
      settings.push_back({{"name", setting.name}, {"what", setting.what}});
    list.push_back({{"name", family->name},
                    {"models", family->models},
                    {"timm", family->timm_names},
                    {"settings", std::move(settings)}});
    if (json) continue;
    std::printf("%s: %s%s%s\n", family->name, family->models,
                *family->timm_names ? "; timm's " : "", family->timm_names);
    for (const FamilySetting& setting : family->settings)
      std::printf("  --set %s=...  %s\n", setting.name, setting.what);
  }
  if (json) print_json({{"families", std::move(list)}});
}

}  // namespace vitro::host
