// SPDX-License-Identifier: Apache-2.0
// vitro run: names what is in photos.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>

#include "converter/base/error.h"
#include "platforms/host/commands/answers.h"
#include "platforms/host/commands/attempt.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/picture_list.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/progress.h"
#include "platforms/host/run_progress.h"

namespace vitro::host {

namespace {

namespace fs = std::filesystem;

constexpr size_t kManyPictures = 20;  // that take a moment

bool is_batch(const std::vector<std::string>& images) {
  std::error_code error;
  return images.size() > 1 || fs::is_directory(images[0], error);
}

void check_usage(const RunCommand& c) {
  if (c.json_lines && c.json)
    throw UsageError("--jsonl", "is one object a line, and --json is one object",
                     "give one of the two");
  if (c.csv == "-" && (c.json || c.json_lines))
    throw UsageError("--csv", "is to be written to stdout beside JSON", "give --csv a file");
  if (c.values && !c.json && !c.json_lines)
    throw UsageError("--values", "puts values into JSON, which is not asked for",
                     "give --json or --jsonl, or save them with --output");
}

// Which output goes to which file, by --output NAME=FILE and by --logits FILE.
std::map<size_t, std::string> saved_outputs(const RunCommand& command, const Program& program) {
  std::map<size_t, std::string> saved;
  const auto save = [&](size_t index, const std::string& file) {
    if (!saved.emplace(index, file).second)
      throw UsageError("--output",
                       std::string("'") + program.output(index).name + "' is to be saved twice",
                       "give one file for each output");
  };
  const bool logits = program.class_count() > 0;
  if (!logits && !command.logits.empty())
    throw UsageError("--logits", "the program has none, but " + list_outputs(program),
                     "save an output with --output NAME=FILE.npy");
  if (!logits && !command.csv.empty() && command.gallery.empty())
    throw UsageError("--csv", "has names of classes, and the program has no logits",
                     "save an output with --output NAME=FILE.npy");
  if (!command.logits.empty()) save(0, command.logits);
  for (const std::string& text : command.outputs) {
    const size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    size_t index = 0;
    while (index < program.output_count() && name != program.output(index).name) ++index;
    if (equals == std::string::npos || equals + 1 == text.size() || index == program.output_count())
      throw UsageError("--output",
                       "'" + shown(text) + "' is not NAME=FILE.npy of an output, and these are " +
                           list_outputs(program),
                       "write --output " + std::string(program.output(0).name) + "=FILE.npy");
    save(index, text.substr(equals + 1));
  }
  return saved;
}

std::vector<std::unique_ptr<AnswerSink>> make_sinks(const RunCommand& command,
                                                    const RunFacts& facts) {
  std::vector<std::unique_ptr<AnswerSink>> sinks;
  if (!command.csv.empty()) sinks.push_back(answers_as_csv(facts, command.csv));
  for (const auto& [index, path] : facts.saved) sinks.push_back(output_as_npy(facts, index, path));
  if (command.json) sinks.push_back(answers_as_json(facts));
  if (command.json_lines) sinks.push_back(answers_as_json_lines(facts));
  if (!command.json && !command.json_lines && command.csv != "-")
    sinks.push_back(answers_for_people(facts));
  return sinks;
}

// A gallery with the output that it is compared by.
struct KnownFeatures {
  Gallery gallery;
  size_t output = 0;
  size_t neighbours = 0;
  Vote vote = Vote::Weighted;
};

std::optional<KnownFeatures> known_features(const RunCommand& command, const ProgramFile& file) {
  if (command.gallery.empty()) return std::nullopt;
  KnownFeatures out{read_gallery(command.gallery), 0, command.neighbours,
                    command.vote == "plain" ? Vote::Plain : Vote::Weighted};
  constexpr char kRemedy[] = "make one with 'vitro index' and this program";
  if (out.gallery.program_sha256 != sha256_of(file))
    throw InputError(command.gallery, "was made with another program than " + file.path(), kRemedy);
  const Program& program = file.program();
  while (out.output < program.output_count() &&
         out.gallery.output != program.output(out.output).name)
    ++out.output;
  if (out.output == program.output_count() ||
      program.output(out.output).rows * program.output(out.output).cols != out.gallery.cols)
    throw InputError(command.gallery, "is of an output that the program does not have", kRemedy);
  return out;
}

// Names by the gallery, if there is one, else by the logits, if the program has any.
void name_by(Answer& answer, const Inference& inference, const KnownFeatures* known, size_t top) {
  if (known) {
    const std::vector<int8_t> row = gallery_row(answer.outputs[known->output], answer.image);
    answer.nearest = nearest(known->gallery, row, known->neighbours);
    const std::vector<float> votes = shares(known->gallery, answer.nearest, known->vote);
    for (const size_t index : top_indices(votes, top)) answer.top.push_back({index, votes[index]});
    return;
  }
  for (const vitro_answer& likely : inference.top(answer.outputs[0], top))
    answer.top.push_back({likely.index, likely.probability});
}

Answer answer_of(const std::string& image, const ProgramFile& file, Inference& inference) {
  const Program& program = file.program();
  const std::vector<uint8_t> pixels = prepare_picture(image, file.preprocessing());
  const auto start = std::chrono::steady_clock::now();
  Answer answer{0, image, {inference.run(pixels)}, {}, {}, 0};
  answer.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  for (size_t i = 1; i < program.output_count(); ++i) answer.outputs.push_back(inference.values(i));
  return answer;
}

}  // namespace

bool run_command(const RunCommand& command) {
  check_usage(command);
  const ProgramFile file(command.model);
  const std::optional<KnownFeatures> known = known_features(command, file);
  const PictureList list = gather_pictures(command.images);
  std::vector<std::string> inputs = list.files;
  inputs.push_back(command.model);
  inputs.push_back(command.gallery);
  const std::map<size_t, std::string> saved = saved_outputs(command, file.program());
  std::vector<std::string> outputs = {command.csv == "-" ? "" : command.csv};
  for (const auto& [index, path] : saved) outputs.push_back(path);
  check_outputs(outputs, inputs);
  report_left_out(list.left_out);

  RunProgress within(file.program(), "running", list.files.size());
  Inference inference(file, command.options, within.trace(), within.context());
  RunFacts facts{file,
                 inference.session().isa(),
                 command.options.linear,
                 inference.threads(),
                 command.top,
                 list.left_out,
                 saved,
                 command.values,
                 known ? &known->gallery : nullptr};
  facts.top = std::min(command.top, facts.classes());
  const std::vector<std::unique_ptr<AnswerSink>> sinks = make_sinks(command, facts);
  const bool batch = is_batch(command.images);
  const bool progress = list.files.size() > kManyPictures && !isatty(STDOUT_FILENO);
  ProgressLine line;
  size_t answers = 0, failures = 0;
  const auto fail = [&](const std::string& image, const std::string& message) {
    ++failures;
    line.finish();
    std::fprintf(stderr, "vitro: %s\n", shown(message).c_str());
    for (const auto& sink : sinks) sink->failure(image, message);
  };
  for (const std::string& image : list.files) {
    std::optional<Answer> answer = attempt(
        image, !batch, [&](const std::string& message) { fail(image, message); },
        [&] {
          Answer made = answer_of(image, file, inference);
          name_by(made, inference, known ? &*known : nullptr, facts.top);
          return made;
        });
    within.finish();
    if (answer) {
      answer->row = answers++;
      for (const auto& sink : sinks) sink->answer(*answer);
    }
    if (progress)
      line.show("running",
                static_cast<double>(answers + failures) / static_cast<double>(list.files.size()));
  }
  line.finish();
  std::vector<OutputFile*> whole;
  whole.reserve(sinks.size());
  for (const auto& sink : sinks)
    if (OutputFile* output = sink->finish()) whole.push_back(output);
  commit_all(whole);
  return failures == 0;
}

}  // namespace vitro::host
