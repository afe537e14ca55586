// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/feature_output.h"

#include <cmath>

#include "converter/base/error.h"

namespace vitro::host {

namespace {

// How good a choice it is where none is named; 0: none.
int preference(const vitro_output_info& output) {
  if (output.kind != VITRO_OUTPUT_FEATURES) return 0;
  const std::string name = output.name;
  return name == "features" ? 4 : name == "class" ? 3 : output.rows == 1 ? 2 : 1;
}

}  // namespace

size_t feature_output(const ProgramFile& file, const std::string& name) {
  const Program& program = file.program();
  size_t best = program.output_count();
  for (size_t i = 0; i < program.output_count(); ++i) {
    if (!name.empty() && name == program.output(i).name) return i;
    const int here = preference(program.output(i));
    if (name.empty() && here > 0 &&
        (best == program.output_count() || here > preference(program.output(best))))
      best = i;
  }
  if (best < program.output_count()) return best;
  throw InputError(
      file.path(),
      (name.empty() ? "gives no features, but " : "has no output " + in_quotes(name) + ", but ") +
          list_outputs(program),
      name.empty() ? "convert it again with --also features" : "name one of these (--name)");
}

std::vector<float> unit_length(std::vector<float> values, size_t cols) {
  for (size_t first = 0; first < values.size(); first += cols) {
    double squares = 0;
    for (size_t c = 0; c < cols; ++c)
      squares += static_cast<double>(values[first + c]) * static_cast<double>(values[first + c]);
    if (squares == 0) continue;
    for (size_t c = 0; c < cols; ++c)
      values[first + c] =
          static_cast<float>(static_cast<double>(values[first + c]) / std::sqrt(squares));
  }
  return values;
}

}  // namespace vitro::host
