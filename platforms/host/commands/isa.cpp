// SPDX-License-Identifier: Apache-2.0
// vitro isa: the kernel variants of this build that this machine runs.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "platforms/host/commands/commands.h"

namespace vitro::host {

void isa_command(bool json) {
  nlohmann::ordered_json isas = nlohmann::ordered_json::array();
  for (size_t i = 0; const char* name = vitro_isa_name(i); ++i) isas.push_back(name);
  if (json) {
    print_json({{"isas", isas}});
    return;
  }
  for (const auto& name : isas) std::printf("%s\n", name.get<std::string>().c_str());
}

}  // namespace vitro::host
