// SPDX-License-Identifier: Apache-2.0
// vitro run: names what is in photos.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <new>
#include <optional>

#include "converter/base/error.h"
#include "platforms/host/commands/answers.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/picture_list.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/progress.h"

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
  if (c.logits == "-")
    throw UsageError("--logits", "cannot be written to stdout", "give it a file");
}

std::vector<std::unique_ptr<AnswerSink>> make_sinks(const RunCommand& command,
                                                    const RunFacts& facts) {
  std::vector<std::unique_ptr<AnswerSink>> sinks;
  if (!command.csv.empty()) sinks.push_back(answers_as_csv(facts, command.csv));
  if (!command.logits.empty()) sinks.push_back(logits_as_npy(facts, command.logits));
  if (command.json) sinks.push_back(answers_as_json(facts));
  if (command.json_lines) sinks.push_back(answers_as_json_lines(facts));
  if (!command.json && !command.json_lines && command.csv != "-")
    sinks.push_back(answers_for_people(facts));
  return sinks;
}

Answer answer_of(const std::string& image, const Preprocessing& preprocessing, Inference& inference,
                 size_t top) {
  const std::vector<uint8_t> pixels = prepare_picture(image, preprocessing);
  const auto start = std::chrono::steady_clock::now();
  Answer answer{0, image, inference.run(pixels), {}, {}, 0};
  answer.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  answer.probabilities = softmax(answer.logits);
  answer.top = top_indices(answer.logits, top);
  return answer;
}

}  // namespace

bool run_command(const RunCommand& command) {
  check_usage(command);
  const ProgramFile file(command.model);
  const PictureList list = gather_pictures(command.images);
  std::vector<std::string> inputs = list.files;
  inputs.push_back(command.model);
  check_outputs({command.csv == "-" ? "" : command.csv, command.logits}, inputs);
  report_left_out(list.left_out);

  Inference inference(file, command.options);
  const Preprocessing preprocessing = file.preprocessing();
  const RunFacts facts{file,
                       inference.session().isa(),
                       command.options.linear,
                       inference.threads(),
                       std::min(command.top, file.program().class_count()),
                       list.left_out};
  const std::vector<std::unique_ptr<AnswerSink>> sinks = make_sinks(command, facts);
  const bool batch = is_batch(command.images);
  const bool progress = list.files.size() > kManyPictures && !isatty(STDOUT_FILENO);
  ProgressLine line;
  size_t answers = 0, failures = 0;
  const auto fail = [&](const std::string& image, const std::string& message) {
    ++failures;
    line.finish();
    std::fprintf(stderr, "vitro: %s\n", printable(message).c_str());
    for (const auto& sink : sinks) sink->failure(image, message);
  };
  for (const std::string& image : list.files) {
    std::optional<Answer> answer;
    try {
      answer = answer_of(image, preprocessing, inference, facts.top);
    } catch (const InputError& error) {
      if (!batch) throw;
      fail(image, error.what());
    } catch (const std::bad_alloc&) {
      if (!batch) throw;
      fail(image,
           InputError(image, "needs more memory than there is", "make the picture smaller").what());
    }
    if (answer) {
      answer->row = answers++;
      for (const auto& sink : sinks) sink->answer(*answer);
    }
    if (progress)
      line.show("running",
                static_cast<double>(answers + failures) / static_cast<double>(list.files.size()));
  }
  line.finish();
  for (const auto& sink : sinks) sink->finish();
  return failures == 0;
}

}  // namespace vitro::host
