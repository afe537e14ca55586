// SPDX-License-Identifier: Apache-2.0
// The conversion report as one self-contained page.
#pragma once

#include <string>
#include <vector>

#include "converter/base/setting.h"
#include "converter/report/layers.h"

namespace vitro::converter {

/// What the page says of a conversion.
struct ReportFacts {
  std::string program;  // its file
  std::vector<Setting> settings;
  std::vector<LayerError> layers;
  double logit_sqnr_db = 0;
  size_t file_bytes = 0;
  size_t arena_bytes = 0;  // for one thread
};

std::string layers_html(const ReportFacts& facts);

}  // namespace vitro::converter
