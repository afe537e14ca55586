// SPDX-License-Identifier: Apache-2.0
// soft_errors: flips bits of a program and of its arena while it runs on pictures, and counts the
// effects.
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <map>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "platforms/host/pictures/picture.h"
#include "platforms/host/program_file.h"
#include "platforms/host/progress.h"
#include "tests/soft_errors/campaign.h"

namespace vitro::soft_errors {
namespace {

struct Options {
  std::string program, isa, json;
  std::vector<std::string> pictures, regions;
  size_t flips = 2000;
  uint64_t seed = 1;
};

double percent(size_t part, size_t whole) {
  return whole ? 100.0 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

Counts sum_of(const std::vector<Counts>& bits) {
  Counts all;
  for (const Counts& bit : bits) all += bit;
  return all;
}

// Prints counts in per cent of the flips; "-" where nothing could notice a flip, because it ended
// with the run.
void print_row(const std::string& name, const Counts& c, bool stays) {
  std::printf("%-16s %7zu %8.2f %7.2f %8.2f %7.2f %6.2f", name.c_str(), c.flips,
              percent(c.outputs, c.flips), percent(c.top1, c.flips), percent(c.numbers, c.flips),
              percent(c.crashes, c.flips), percent(c.hangs, c.flips));
  if (stays)
    std::printf(" %7.2f %7.2f %9.2f\n", percent(c.sum, c.flips), percent(c.digest, c.flips),
                percent(c.self_test, c.flips));
  else
    std::printf(" %7s %7s %9s\n", "-", "-", "-");
}

nlohmann::ordered_json describe(const Counts& c, bool stays) {
  nlohmann::ordered_json json = {{"flips", c.flips},       {"outputs_changed", c.outputs},
                                 {"top1_changed", c.top1}, {"not_finite", c.numbers},
                                 {"crashed", c.crashes},   {"hung", c.hangs}};
  if (stays)
    json["noticed_by"] = {{"sum", c.sum}, {"digest", c.digest}, {"self_test", c.self_test}};
  return json;
}

bool asked_for(const Options& options, Region region) {
  const auto& names = options.regions;
  return names.empty() || std::find(names.begin(), names.end(), name_of(region)) != names.end();
}

int run(const Options& options) {
  const host::ProgramFile file(options.program);
  std::vector<std::vector<uint8_t>> pictures;
  for (const std::string& path : options.pictures)
    pictures.push_back(host::prepare_picture(path, file.preprocessing()));
  const uint8_t* const bytes = static_cast<const uint8_t*>(file.program().get()->data);
  Subject subject({bytes, bytes + file.program_bytes()}, std::move(pictures),
                  options.isa.empty() ? nullptr : options.isa.c_str());
  nlohmann::ordered_json json = {{"program", options.program},
                                 {"isa", vitro_session_isa(&subject.session())},
                                 {"pictures", options.pictures.size()},
                                 {"seed", options.seed},
                                 {"regions", nlohmann::ordered_json::array()}};
  host::ProgressLine progress;
  std::map<Region, std::vector<Counts>> results;
  for (int i = 0; i < kRegions; ++i) {
    const Region region = static_cast<Region>(i);
    if (!asked_for(options, region)) continue;
    const auto show = [&](size_t done) {
      progress.show(name_of(region),
                    static_cast<double>(done) / static_cast<double>(options.flips));
    };
    results[region] = shoot(subject, region, options.flips, options.seed, show);
  }
  progress.finish();
  std::printf(
      "of flips in %%            ------- changed -------   -- ended --  ------ noticed by ------\n"
      "region             flips  outputs   top-1 no number   crash   hang     sum  digest "
      "self-test\n");
  for (const auto& [region, bits] : results) {
    if (bits.empty()) continue;
    const bool stays = soft_errors::stays(region);
    print_row(name_of(region), sum_of(bits), stays);
    nlohmann::ordered_json by_bit = nlohmann::ordered_json::array();
    for (size_t bit = 0; bit < bits.size(); ++bit) {
      print_row("  bit " + std::to_string(bit), bits[bit], stays);
      by_bit.push_back(describe(bits[bit], stays));
    }
    nlohmann::ordered_json entry = {{"region", name_of(region)}};
    entry.update(describe(sum_of(bits), stays));
    entry["bits"] = by_bit;
    json["regions"].push_back(entry);
  }
  if (options.json.empty()) return 0;
  std::ofstream out(options.json);
  out << json.dump(2) << '\n';
  out.close();
  if (!out)
    throw std::runtime_error(options.json +
                             ": not written; is there a folder of that name, and room?");
  return 0;
}

}  // namespace
}  // namespace vitro::soft_errors

int main(int argc, char** argv) {
  vitro::soft_errors::Options options;
  std::vector<std::string> regions;
  for (int i = 0; i < vitro::soft_errors::kRegions; ++i)
    regions.emplace_back(name_of(static_cast<vitro::soft_errors::Region>(i)));
  CLI::App app("Flips single bits while a program runs and counts what became of them: README.md");
  app.add_option("program", options.program, "a .vitro file")->required();
  app.add_option("pictures", options.pictures, "photos that it answers")->required();
  app.add_option("--flips", options.flips, "of each region; 2000 by default")
      ->check(CLI::Range(size_t{1}, size_t{1} << 30));
  app.add_option("--seed", options.seed);
  app.add_option("--isa", options.isa, "kernel variant; the best by default");
  app.add_option("--region", options.regions, "this one alone; may be given several times")
      ->check(CLI::IsMember(regions));
  app.add_option("--json", options.json, "writes the counts to this file, too");
  CLI11_PARSE(app, argc, argv);
  try {
    return run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "soft_errors: %s\n", error.what());
    return 1;
  }
}
