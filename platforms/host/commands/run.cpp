// vitro run: names what is in photos.
#include <chrono>
#include <cstdio>

#include "converter/error.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/pictures/picture.h"
#include "platforms/host/progress.h"

namespace vitro {

namespace {

struct Answer {
  std::string image;
  std::vector<float> logits;
  double milliseconds;  // of the inference alone
};

std::string label_of(const ProgramFile& file, size_t index) {
  const char* label = file.program().label(index);
  return label ? label : "class " + std::to_string(index);
}

nlohmann::ordered_json describe(const ProgramFile& file, const Answer& answer, size_t top) {
  const std::vector<float> probabilities = softmax(answer.logits);
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const size_t index : top_indices(answer.logits, top))
    list.push_back({{"index", index}, {"label", label_of(file, index)}, {"probability", probabilities[index]}});
  return {{"image", answer.image}, {"logits_sha256", logits_sha256(answer.logits)}, {"top", std::move(list)}, {"milliseconds", answer.milliseconds}};
}

}  // namespace

void run_command(const RunCommand& command) {
  const ProgramFile file(command.model);
  Inference inference(file, command.options);
  const Preprocessing preprocessing = file.preprocessing();
  ProgressLine line;
  std::vector<Answer> answers;
  for (const std::string& image : command.images) {
    const std::vector<uint8_t> pixels = prepare_picture(image, preprocessing);
    const auto start = std::chrono::steady_clock::now();
    std::vector<float> logits = inference.run(pixels);
    const double milliseconds = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    answers.push_back({image, std::move(logits), milliseconds});
    if (command.images.size() > 20) line.show("running", static_cast<double>(answers.size()) / static_cast<double>(command.images.size()));
  }
  line.finish();

  if (command.json) {
    nlohmann::ordered_json results = nlohmann::ordered_json::array();
    for (const Answer& answer : answers) results.push_back(describe(file, answer, command.top));
    const nlohmann::ordered_json out = {{"isa", inference.session().isa()}, {"threads", inference.threads()}, {"linear", command.options.linear}, {"results", std::move(results)}};
    print_json(out);
    return;
  }
  for (const Answer& answer : answers) {
    const std::vector<float> probabilities = softmax(answer.logits);
    std::printf("%s  (%.2f ms, %s, %zu thread%s)\n", answer.image.c_str(), answer.milliseconds, inference.session().isa(), inference.threads(),
                inference.threads() == 1 ? "" : "s");
    for (const size_t index : top_indices(answer.logits, command.top))
      std::printf("  %6.2f %%  %s\n", static_cast<double>(probabilities[index]) * 100, label_of(file, index).c_str());
    std::printf("  logits sha256 %s\n", logits_sha256(answer.logits).c_str());
  }
}

}  // namespace vitro
