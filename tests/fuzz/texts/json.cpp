// SPDX-License-Identifier: Apache-2.0
// The guard that checks JSON before it is parsed: what it accepts must be JSON within its limits of
// levels and values, and what it calls "not JSON" the parser must refuse too. The first byte
// chooses the limits.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "converter/checkpoint/json_guard.h"
#include "tests/fuzz/support/target.h"

namespace vitro::fuzz {

namespace {

using namespace converter;
using nlohmann::json;

struct Extent {
  size_t depth = 0, values = 0;
};

void measure(const json& value, size_t depth, Extent& extent) {
  ++extent.values;
  if (value.is_structured()) ++depth;
  extent.depth = std::max(extent.depth, depth);
  if (value.is_structured())
    for (const json& inner : value) measure(inner, depth, extent);
}

bool has(const std::string& fault, const char* words) {
  return fault.find(words) != std::string::npos;
}

void check(const std::string& text, const JsonLimits& limits) {
  const std::string fault = json_fault(text, limits);
  if (has(fault, "not well-formed")) return require(!json::accept(text), "JSON is taken for none");
  if (!fault.empty()) return;
  require(json::accept(text), "what is no JSON passes");
  Extent extent;
  measure(json::parse(text), 0, extent);
  require(extent.depth <= limits.depth, "JSON of more levels passes");
  require(extent.values <= limits.values, "JSON of more values passes");
  // A document within the limits and without repeated keys must pass again as the parser writes it.
  require(json_fault(json::parse(text).dump(-1, ' ', true), limits).empty(),
          "the same JSON, written anew, is refused");
}

}  // namespace

}  // namespace vitro::fuzz

int vitro::fuzz::run_input(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  check(text_of(data + 1, size - 1), {size_t{1} + data[0] % 16, size_t{1} + data[0] / 16 * 8});
  return 0;
}
