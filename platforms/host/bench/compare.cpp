// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/bench/compare.h"

#include <cmath>
#include <map>
#include <utility>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/base/input_file.h"
#include "platforms/host/commands/commands.h"

namespace vitro::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCompareRemedy = "give two files written by 'vitro bench --json'";
constexpr uint64_t kMostBytes = uint64_t{1} << 24;
// Clock rates of one machine differ by this much from run to run.
constexpr double kSameLimit = 0.05;

bool is_positive(const Json& object, const char* key) {
  return object.contains(key) && object[key].is_number() && object[key].get<double>() > 0;
}

Json read_bench(const std::string& path) {
  const std::string text = read_file(path, kMostBytes, kCompareRemedy);
  Json bench = Json::parse(text, nullptr, false);
  if (!bench.is_object()) throw InputError(path, "is not a JSON object", kCompareRemedy);
  for (const char* key : {"p50_ms", "min_ms", "macs", "threads"})
    if (!is_positive(bench, key))
      throw InputError(path, std::string("has no positive number \"") + key + "\"", kCompareRemedy);
  if (!bench.contains("isa") || !bench["isa"].is_string())
    throw InputError(path, "has no text \"isa\"", kCompareRemedy);
  return bench;
}

double ratio(const Json& before, const Json& after, const char* key) {
  return after[key].get<double>() / before[key].get<double>();
}

// What makes the two hard to compare.
Json warnings_of(const Json& before, const Json& after) {
  Json warnings = Json::array();
  for (const char* key : {"macs", "threads", "isa", "linear"})
    if (before.value(key, Json()) != after.value(key, Json()))
      warnings.push_back(std::string(key) + " differ: " + before.value(key, Json()).dump() +
                         " before, " + after.value(key, Json()).dump() + " after");
  if (is_positive(before, "limit_gmacs_per_s") && is_positive(after, "limit_gmacs_per_s") &&
      std::abs(ratio(before, after, "limit_gmacs_per_s") - 1) > kSameLimit)
    warnings.push_back(formatted(
        "the machine's limit was %.1f GMAC/s before and %.1f after: compare the efficiency",
        before["limit_gmacs_per_s"].get<double>(), after["limit_gmacs_per_s"].get<double>()));
  return warnings;
}

// Milliseconds by (op, name), in the order of the file.
std::vector<std::pair<std::pair<std::string, std::string>, double>> profile_of(const Json& bench) {
  std::vector<std::pair<std::pair<std::string, std::string>, double>> rows;
  if (!bench.contains("profile") || !bench["profile"].is_array()) return rows;
  rows.reserve(bench["profile"].size());
  for (const Json& row : bench["profile"])
    if (row.is_object() && row.value("op", Json()).is_string() &&
        row.value("name", Json()).is_string() && is_positive(row, "milliseconds"))
      rows.push_back({{row["op"], row["name"]}, row["milliseconds"]});
  return rows;
}

}  // namespace

Json compare_benches(const std::string& before_path, const std::string& after_path) {
  const Json before = read_bench(before_path), after = read_bench(after_path);
  Json out = {{"before", before_path},
              {"after", after_path},
              {"warnings", warnings_of(before, after)},
              {"p50_ms", {before["p50_ms"], after["p50_ms"]}},
              {"min_ms", {before["min_ms"], after["min_ms"]}},
              {"p50_ratio", ratio(before, after, "p50_ms")},
              {"min_ratio", ratio(before, after, "min_ms")}};
  if (is_positive(before, "efficiency") && is_positive(after, "efficiency")) {
    out["efficiency"] = {before["efficiency"], after["efficiency"]};
    out["efficiency_ratio"] = ratio(before, after, "efficiency");
  }
  std::map<std::pair<std::string, std::string>, double> was;
  for (const auto& [op, milliseconds] : profile_of(before)) was[op] = milliseconds;
  Json rows = Json::array();
  for (const auto& [op, milliseconds] : profile_of(after))
    if (const auto at = was.find(op); at != was.end())
      rows.push_back({{"op", op.first},
                      {"name", op.second},
                      {"before_ms", at->second},
                      {"after_ms", milliseconds},
                      {"ratio", milliseconds / at->second}});
  if (!rows.empty()) out["profile"] = std::move(rows);
  return out;
}

std::string comparison_table(const Json& c) {
  std::string out = formatted("%-49s %10s %10s %7s\n", "", "before", "after", "ratio");
  const auto line = [&](const std::string& what, double before, double after) {
    out += formatted("%-49s %10.4f %10.4f %7.3f\n", what.c_str(), before, after, after / before);
  };
  line("p50 (ms)", c["p50_ms"][0], c["p50_ms"][1]);
  line("min (ms)", c["min_ms"][0], c["min_ms"][1]);
  if (c.contains("efficiency"))
    line("efficiency (share of the machine's limit)", c["efficiency"][0], c["efficiency"][1]);
  if (c.contains("profile")) {
    out += "\n";
    for (const Json& row : c["profile"])
      line(formatted("%-14s %s", shown(row["op"].get<std::string>()).c_str(),
                     shown(row["name"].get<std::string>()).c_str()),
           row["before_ms"], row["after_ms"]);
  }
  for (const Json& warning : c["warnings"])
    out += "\nwarning: " + shown(warning.get<std::string>()) + "\n";
  return out;
}

}  // namespace vitro::host
