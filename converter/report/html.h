// SPDX-License-Identifier: Apache-2.0
// The conversion report as one self-contained page.
#pragma once

#include <string>

#include "converter/convert.h"

namespace vitro::converter {

std::string layers_html(const std::string& program_name, const ConvertOptions& options,
                        const ConvertResult& result);

}  // namespace vitro::converter
