// SPDX-License-Identifier: Apache-2.0
// vitro eval: accuracy on labelled photos, and agreement with logits from outside.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>

#include <nlohmann/json.hpp>

#include "converter/base/write_file.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/evaluation/reports.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/labels.h"
#include "platforms/host/progress.h"

namespace vitro::host {

namespace {

namespace fs = std::filesystem;

void check_usage(const EvalCommand& c) {
  std::error_code error;
  const bool csv = !c.labels.empty() && !fs::is_directory(c.labels, error);
  if (c.images.empty() && (csv || c.labels.empty()))
    throw UsageError("--images", "is required" + std::string(csv ? " with a CSV of labels" : ""),
                     "name the folder of the photos");
  if (!c.images.empty() && !c.labels.empty() && !csv)
    throw UsageError("--images", "is given beside a folder of labelled photos",
                     "give one of the two");
  if (c.reference.empty() &&
      (!c.family.empty() || !c.lora.empty() || !c.prompts.empty() || c.image_size != PixelSize{}))
    throw UsageError("--set, --heads, --epsilon, --lora, --prompt-tokens and --image-size",
                     "are of the model to compare with, and there is none",
                     "give --reference, or leave them out");
}

ClassNames class_names(const EvalCommand& command, const ProgramFile& file) {
  const size_t classes = file.program().class_count();
  std::vector<std::string> names(classes);
  for (size_t c = 0; c < classes; ++c) {
    if (const char* label = file.program().label(c)) names[c] = label;
  }
  if (command.class_names.empty()) return ClassNames(names);
  names = read_name_lines(command.class_names);
  if (names.size() != classes)
    throw InputError(command.class_names,
                     "has " + std::to_string(names.size()) + " names, but the program has " +
                         std::to_string(classes) + " classes",
                     "give one line for each class, in class order");
  return ClassNames(names);
}

void say(const std::string& line) { std::fprintf(stderr, "vitro: %s\n", shown(line).c_str()); }

void say_preprocessing(const OutsideLogits& source) {
  std::string list;
  for (const std::string& name : source.assumed()) list += (list.empty() ? "" : ", ") + name;
  if (!list.empty())
    say(source.file() + ": does not say " + list + " itself; the program's are used");
  list.clear();
  for (const Difference& d : source.differences())
    list +=
        (list.empty() ? "" : ", ") + d.name + " " + d.program + " (reference: " + d.reference + ")";
  if (!list.empty())
    say("warning: the program's preprocessing differs from the reference's: " + list);
}

}  // namespace

bool eval_command(const EvalCommand& command) {
  check_usage(command);
  const ProgramFile file(command.model);
  const size_t classes = file.program().class_count();
  if (classes == 0)
    throw InputError(
        command.model,
        "has no logits, of which accuracy is measured, but " + list_outputs(file.program()),
        "give a classifier; 'vitro run --output' saves other outputs");
  const ClassNames names = class_names(command, file);
  const PhotoSet photos = find_photos(command.images, command.labels, names);
  if (!photos.labelled && command.expect.empty() && command.reference.empty())
    throw UsageError(
        "--labels",
        "is required: the photos are in no class folders, and there are no logits to compare with",
        "give --labels, --expect or --reference");
  if (!photos.labelled && !command.taxonomy.empty())
    throw UsageError("--taxonomy", "measures labelled photos", "give --labels");
  if (!photos.labelled && !command.confusion.empty())
    throw UsageError("--confusion", "counts labelled photos", "give --labels");
  std::vector<std::string> inputs = {command.model,     command.labels,   command.expect,
                                     command.reference, command.taxonomy, command.class_names};
  for (const EvalPhoto& photo : photos.photos) inputs.push_back(photo.path);
  check_outputs({command.csv, command.confusion, command.report}, inputs);
  if (!photos.how.empty()) say(photos.how);
  std::optional<Taxonomy> taxonomy;
  if (!command.taxonomy.empty()) taxonomy.emplace(command.taxonomy, names);

  RunOptions alone = command.options;
  alone.threads = 1;
  std::vector<std::unique_ptr<Inference>> sessions;
  for (size_t lane = 0; lane < std::min(command.options.threads, photos.photos.size()); ++lane)
    sessions.push_back(std::make_unique<Inference>(file, alone));
  const Preprocessing preprocessing = file.preprocessing();
  std::vector<std::unique_ptr<OutsideLogits>> outside;
  if (!command.expect.empty())
    outside.push_back(read_expected(command.expect, photos.photos.size(), classes));
  if (!command.reference.empty()) {
    outside.push_back(read_reference(
        {command.reference, command.family, command.lora, command.prompts, command.image_size},
        preprocessing, classes, sessions.size()));
    check_outputs({command.csv, command.confusion, command.report}, {});  // all it was read from
    say_preprocessing(*outside.back());
  }

  EvalResult result(photos, names, outside, taxonomy ? &*taxonomy : nullptr);
  result.program = fs::path(command.model).filename().string();
  result.isa = sessions[0]->session().isa();
  result.linear = command.options.linear;
  std::optional<PhotosCsv> csv;
  if (!command.csv.empty()) csv.emplace(command.csv, photos, names, outside);
  ProgressLine line;
  evaluate(photos, preprocessing, sessions, outside, [&](const PhotoAnswer& answer) {
    if (!answer.fault.empty()) {
      line.finish();
      say(answer.fault);
    }
    result.add(answer);
    if (csv) csv->add(answer);
    line.show(outside.empty() ? "evaluating" : "evaluating and comparing",
              static_cast<double>(answer.index + 1) / static_cast<double>(photos.photos.size()));
  });
  line.finish();
  if (result.answered == 0)
    throw InputError(photos.photos[0].path, "and all other photos cannot be read",
                     "give JPEG, PNG or BMP files");

  OutputFiles outputs;
  if (!command.confusion.empty()) outputs.add(command.confusion).write(confusion_csv(result));
  if (!command.report.empty()) outputs.add(command.report).write(eval_html(result));
  const std::string text =
      command.json
          ? json_of(eval_json(result, command.per_class, !command.confusion.empty()), 2) + "\n"
          : eval_text(result, command.per_class);
  outputs.commit_with(csv ? std::vector<OutputFile*>{&csv->file()} : std::vector<OutputFile*>());
  print_text(text, command.json);
  return result.failed == 0;
}

}  // namespace vitro::host
