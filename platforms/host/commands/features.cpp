// SPDX-License-Identifier: Apache-2.0
// vitro features: what a network makes of photos, for other programs to work with.
#include <cstdio>

#include <nlohmann/json.hpp>

#include "converter/base/npy.h"
#include "platforms/host/commands/attempt.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/commands/feature_output.h"
#include "platforms/host/picture_list.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/progress.h"
#include "platforms/host/run_progress.h"

namespace vitro::host {

namespace {

using Json = nlohmann::ordered_json;

constexpr char kSuffix[] = ".npy";

// F.csv beside F.npy: which row is of which file.
std::string names_path(const std::string& output) {
  const size_t end = output.size() - (sizeof kSuffix - 1);
  if (output.size() < sizeof kSuffix || output.compare(end, std::string::npos, kSuffix) != 0)
    throw UsageError("--output", in_quotes(output) + " does not end in .npy",
                     "give a name that does: the files' names go beside it, in .csv");
  return output.substr(0, end) + ".csv";
}

std::vector<size_t> row_shape(const vitro_output_info& output) {
  if (output.rows == 1) return {output.cols};
  return {output.rows, output.cols};
}

struct UnreadPhoto {
  std::string image, message;
};

// What is said of them.
struct WrittenFeatures {
  const FeaturesCommand& command;
  const vitro_output_info& output;
  const std::string& names;
  const PictureList& list;
  std::vector<std::string> files;  // row by row
  std::vector<UnreadPhoto> failures;
};

std::vector<size_t> shape_of(const WrittenFeatures& a) {
  std::vector<size_t> shape = row_shape(a.output);
  shape.insert(shape.begin(), a.files.size());
  return shape;
}

std::string in_json(const WrittenFeatures& a) {
  Json errors = Json::array();
  for (const UnreadPhoto& f : a.failures)
    errors.push_back({{"image", f.image}, {"error", f.message}});
  return json_of({{"output", a.command.output},
                  {"names", a.names},
                  {"name", a.output.name},
                  {"shape", shape_of(a)},
                  {"files", a.files},
                  {"errors", std::move(errors)},
                  {"left_out", a.list.left_out}},
                 2) +
         "\n";
}

std::string for_people(const WrittenFeatures& a) {
  std::string shape;
  for (const size_t side : shape_of(a))
    shape += (shape.empty() ? "" : " x ") + std::to_string(side);
  return formatted("%s: '%s' of %zu photos, %s; %s names them\n", shown(a.command.output).c_str(),
                   shown(a.output.name).c_str(), a.files.size(), shape.c_str(),
                   shown(a.names).c_str());
}

}  // namespace

bool features_command(const FeaturesCommand& command) {
  const ProgramFile file(command.model);
  const size_t index = feature_output(file, command.name);
  const vitro_output_info output = file.program().output(index);
  const PictureList list = gather_pictures(command.images);
  const std::string names = names_path(command.output);
  std::vector<std::string> inputs = list.files;
  inputs.push_back(command.model);
  check_outputs({command.output, names}, inputs);
  report_left_out(list.left_out);

  RunProgress within(file.program(), "running", list.files.size());
  Inference inference(file, command.options, within.trace(), within.context());
  NpyWriter values(command.output, row_shape(output));
  OutputFile csv(names);
  csv.write("row,file\n");
  WrittenFeatures account{command, output, names, list, {}, {}};
  ProgressLine line;  // where the runs themselves do not say how far they are
  size_t done = 0;
  for (const std::string& image : list.files) {
    const auto failed = [&](const std::string& message) {
      line.finish();
      std::fprintf(stderr, "vitro: %s\n", shown(message).c_str());
      account.failures.push_back({image, message});
    };
    const std::optional<std::vector<float>> made =
        attempt(image, list.files.size() == 1, failed, [&] {
          inference.run(prepare_picture(image, file.preprocessing()));
          return inference.values(index);
        });
    within.finish();
    if (made) {
      values.append(command.unit_length ? unit_length(*made, output.cols).data() : made->data());
      csv.write(std::to_string(account.files.size()) + "," + csv_field(image) + "\n");
      account.files.push_back(image);
    }
    if (!within.trace())
      line.show("features", static_cast<double>(++done) / static_cast<double>(list.files.size()));
  }
  line.finish();
  if (account.files.empty())
    throw InputError(command.images.front(), "has no picture that can be read",
                     "see the lines above");
  const std::string text = command.json ? in_json(account) : for_people(account);
  commit_all({&values.whole(), &csv});
  print_text(text, command.json);
  return account.failures.empty();
}

}  // namespace vitro::host
