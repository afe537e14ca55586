// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/answers.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "converter/base/npy.h"
#include "converter/base/write_file.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/pictures/picture.h"

namespace vitro::host {

namespace {

using Json = nlohmann::ordered_json;

Json describe(const RunFacts& facts, const Answer& answer) {
  Json list = Json::array();
  for (const size_t index : answer.top)
    list.push_back({{"index", index},
                    {"label", facts.label(index)},
                    {"probability", answer.probabilities[index]}});
  return {{"image", answer.image},
          {"row", answer.row},
          {"logits_sha256", logits_sha256(answer.logits)},
          {"top", std::move(list)},
          {"milliseconds", answer.milliseconds}};
}

std::string dump(const Json& value, int indent) {
  return value.dump(indent, ' ', false, Json::error_handler_t::replace);
}

class ForPeople : public AnswerSink {
 public:
  explicit ForPeople(const RunFacts& facts) : facts_(facts) {}

  void answer(const Answer& answer) override {
    std::printf("%s  (%.2f ms, %s, %zu thread%s)\n", printable(answer.image).c_str(),
                answer.milliseconds, facts_.isa.c_str(), facts_.threads,
                facts_.threads == 1 ? "" : "s");
    for (const size_t index : answer.top)
      std::printf("  %6.2f %%  %s\n", static_cast<double>(answer.probabilities[index]) * 100,
                  printable(facts_.label(index)).c_str());
    std::printf("  logits sha256 %s\n", logits_sha256(answer.logits).c_str());
    flush_stdout();
  }

 private:
  const RunFacts& facts_;
};

class AsJson : public AnswerSink {
 public:
  explicit AsJson(const RunFacts& facts) : facts_(facts) {}

  void answer(const Answer& answer) override {
    begin();
    put(any_ ? ",\n    " : "\n    ");
    put_indented(describe(facts_, answer), 4);
    any_ = true;
  }
  void failure(const std::string& image, const std::string& message) override {
    errors_.push_back({{"image", image}, {"error", message}});
  }
  void finish() override {
    begin();
    put(any_ ? "\n  ],\n  \"errors\": " : "],\n  \"errors\": ");
    put_indented(errors_, 2);
    put(",\n  \"left_out\": ");
    put_indented(facts_.left_out, 2);
    put("\n}\n");
  }

 private:
  // Not before there is something to say: a refusal leaves stdout empty.
  void begin() {
    if (std::exchange(begun_, true)) return;
    const std::string head = dump({{"isa", facts_.isa},
                                   {"threads", facts_.threads},
                                   {"linear", facts_.linear},
                                   {"jpeg_decoder", jpeg_decoder()}},
                                  2);
    put(head.substr(0, head.size() - 2) + ",\n  \"results\": [");
  }
  static void put(const std::string& text) {
    std::fputs(text.c_str(), stdout);
    check_stdout();
  }
  static void put_indented(const Json& value, size_t indent) {
    std::string text;
    for (const char c : dump(value, 2)) {
      text += c;
      if (c == '\n') text.append(indent, ' ');
    }
    put(text);
  }

  const RunFacts& facts_;
  Json errors_ = Json::array();
  bool begun_ = false, any_ = false;
};

class AsJsonLines : public AnswerSink {
 public:
  explicit AsJsonLines(const RunFacts& facts) : facts_(facts) {}
  void answer(const Answer& answer) override { put(describe(facts_, answer)); }
  void failure(const std::string& image, const std::string& message) override {
    put({{"image", image}, {"error", message}});
  }

 private:
  static void put(const Json& value) {
    std::printf("%s\n", dump(value, -1).c_str());
    flush_stdout();
  }

  const RunFacts& facts_;
};

class AsCsv : public AnswerSink {
 public:
  AsCsv(const RunFacts& facts, const std::string& path) : facts_(facts) {
    if (path != "-") file_.emplace(path);
    std::string header = "row,file";
    for (size_t i = 1; i <= facts.top; ++i) {
      const std::string rank = "_" + std::to_string(i);
      header += ",index" + rank + ",label" + rank + ",probability" + rank;
    }
    header_ = header + "\n";
  }

  void answer(const Answer& answer) override {
    if (!std::exchange(begun_, true)) put(header_);
    std::string line = std::to_string(answer.row) + "," + csv_field(answer.image);
    for (const size_t index : answer.top)
      line += "," + std::to_string(index) + "," + csv_field(facts_.label(index)) + "," +
              fixed(static_cast<double>(answer.probabilities[index]), 6);
    put(line + "\n");
  }
  void finish() override {
    if (file_ && begun_) file_->commit();
  }

 private:
  void put(const std::string& text) {
    if (file_) return file_->write(text);
    std::fputs(text.c_str(), stdout);
    flush_stdout();
  }

  const RunFacts& facts_;
  std::optional<OutputFile> file_;
  std::string header_;
  bool begun_ = false;
};

class AsNpy : public AnswerSink {
 public:
  AsNpy(const RunFacts& facts, const std::string& path)
      : writer_(path, facts.file.program().class_count()) {}
  void answer(const Answer& answer) override { writer_.append(answer.logits.data()); }
  void finish() override {
    if (writer_.rows() > 0) writer_.finish();
  }

 private:
  NpyWriter writer_;
};

}  // namespace

std::string RunFacts::label(size_t index) const {
  const char* label = file.program().label(index);
  return label ? label : "class " + std::to_string(index);
}

std::unique_ptr<AnswerSink> answers_for_people(const RunFacts& facts) {
  return std::make_unique<ForPeople>(facts);
}
std::unique_ptr<AnswerSink> answers_as_json(const RunFacts& facts) {
  return std::make_unique<AsJson>(facts);
}
std::unique_ptr<AnswerSink> answers_as_json_lines(const RunFacts& facts) {
  return std::make_unique<AsJsonLines>(facts);
}
std::unique_ptr<AnswerSink> answers_as_csv(const RunFacts& facts, const std::string& path) {
  return std::make_unique<AsCsv>(facts, path);
}
std::unique_ptr<AnswerSink> logits_as_npy(const RunFacts& facts, const std::string& path) {
  return std::make_unique<AsNpy>(facts, path);
}

}  // namespace vitro::host
