// SPDX-License-Identifier: Apache-2.0
#include "platforms/host/commands/answers.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "converter/base/npy.h"
#include "platforms/host/commands/commands.h"
#include "platforms/host/evaluation/text.h"
#include "platforms/host/pictures/picture.h"

namespace vitro::host {

namespace {

using Json = nlohmann::ordered_json;

Json describe_values(const RunFacts& facts, const Answer& answer) {
  Json outputs = Json::array();
  for (size_t i = 0; i < answer.outputs.size(); ++i) {
    const vitro_output_info info = facts.file.program().output(i);
    Json output = {{"name", info.name},
                   {"kind", name_of(info.kind)},
                   {"rows", info.rows},
                   {"cols", info.cols},
                   {"sha256", output_sha256(answer.outputs[i])}};
    if (facts.saved.count(i)) output["file"] = facts.saved.at(i);
    if (facts.values) output["values"] = answer.outputs[i];
    outputs.push_back(std::move(output));
  }
  return outputs;
}

std::string class_of(const Gallery& gallery, size_t row) {
  const uint32_t label = gallery.labels[row];
  return label == Gallery::kNoClass ? "" : gallery.classes[label];
}

Json describe_nearest(const Gallery& gallery, const Answer& answer) {
  Json list = Json::array();
  for (const Neighbour& n : answer.nearest)
    list.push_back({{"file", gallery.files[n.row]},
                    {"label", class_of(gallery, n.row)},
                    {"cosine", n.cosine}});
  return list;
}

Json describe(const RunFacts& facts, const Answer& answer) {
  Json out = {{"image", answer.image}, {"row", answer.row}};
  if (facts.file.program().class_count() > 0)
    out["logits_sha256"] = output_sha256(answer.outputs[0]);
  if (facts.classes() > 0) {
    Json list = Json::array();
    for (const Named& named : answer.top)
      list.push_back({{"index", named.index},
                      {"label", facts.label(named.index)},
                      {"probability", named.probability}});
    out["top"] = std::move(list);
  }
  if (facts.gallery) out["nearest"] = describe_nearest(*facts.gallery, answer);
  out["outputs"] = describe_values(facts, answer);
  out["milliseconds"] = answer.milliseconds;
  return out;
}

class ForPeople : public AnswerSink {
 public:
  explicit ForPeople(const RunFacts& facts) : facts_(facts) {}

  void answer(const Answer& answer) override {
    std::printf("%s  (%.2f ms, %s, %zu thread%s)\n", shown(answer.image).c_str(),
                answer.milliseconds, facts_.isa.c_str(), facts_.threads,
                facts_.threads == 1 ? "" : "s");
    for (const Named& named : answer.top)
      std::printf("  %6.2f %%  %s\n", static_cast<double>(named.probability) * 100,
                  shown(facts_.label(named.index)).c_str());
    if (facts_.gallery) print_nearest(answer);
    const bool logits = facts_.file.program().class_count() > 0;
    if (logits) std::printf("  logits sha256 %s\n", output_sha256(answer.outputs[0]).c_str());
    for (size_t i = logits ? 1 : 0; i < answer.outputs.size(); ++i) print_output(answer, i);
    flush_stdout();
  }
  // Numbers that nobody can read are not printed; whoever wants them must know where they go.
  OutputFile* finish() override {
    const size_t count = facts_.file.program().output_count();
    const bool only_logits = count == 1 && facts_.file.program().class_count() > 0;
    if (!facts_.gallery && !only_logits && facts_.saved.empty())
      std::fprintf(stderr, "vitro: --output NAME=FILE.npy saves an output's values\n");
    return nullptr;
  }

 private:
  static constexpr size_t kShown = 3;

  void print_nearest(const Answer& answer) const {
    const Gallery& gallery = *facts_.gallery;
    for (size_t i = 0; i < std::min(kShown, answer.nearest.size()); ++i) {
      const Neighbour& n = answer.nearest[i];
      std::printf("  cosine %.4f  %s\n", n.cosine, shown(gallery.files[n.row]).c_str());
    }
  }
  void print_output(const Answer& answer, size_t index) const {
    const vitro_output_info info = facts_.file.program().output(index);
    double squares = 0;
    for (const float v : answer.outputs[index])
      squares += static_cast<double>(v) * static_cast<double>(v);
    std::printf("  %s: %s, %zu x %zu, norm %.6g, sha256 %s\n", shown(info.name).c_str(),
                name_of(info.kind), info.rows, info.cols, std::sqrt(squares),
                output_sha256(answer.outputs[index]).c_str());
  }

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
  OutputFile* finish() override {
    begin();
    put(any_ ? "\n  ],\n  \"errors\": " : "],\n  \"errors\": ");
    put_indented(errors_, 2);
    put(",\n  \"left_out\": ");
    put_indented(facts_.left_out, 2);
    put("\n}\n");
    return nullptr;
  }

 private:
  // Not before there is something to say: a refusal is an object of its own.
  void begin() {
    if (std::exchange(begun_, true)) return;
    json_begins();
    const std::string head = json_of({{"isa", facts_.isa},
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
    for (const char c : json_of(value, 2)) {
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
    json_begins();
    std::printf("%s\n", json_of(value, -1).c_str());
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
    for (const Named& named : answer.top)
      line += "," + std::to_string(named.index) + "," + csv_field(facts_.label(named.index)) + "," +
              fixed(static_cast<double>(named.probability), 6);
    put(line + "\n");
  }
  OutputFile* finish() override { return file_ && begun_ ? &*file_ : nullptr; }

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
  AsNpy(const RunFacts& facts, size_t index, const std::string& path)
      : index_(index), writer_(path, shape(facts.file.program().output(index))) {}
  void answer(const Answer& answer) override { writer_.append(answer.outputs[index_].data()); }
  OutputFile* finish() override { return writer_.rows() > 0 ? &writer_.whole() : nullptr; }

 private:
  static std::vector<size_t> shape(const vitro_output_info& info) {
    if (info.rows == 1) return {info.cols};
    return {info.rows, info.cols};
  }

  size_t index_;
  NpyWriter writer_;
};

}  // namespace

size_t RunFacts::classes() const {
  return gallery ? gallery->classes.size() : file.program().class_count();
}

std::string RunFacts::label(size_t index) const {
  if (gallery) return gallery->classes[index];
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
std::unique_ptr<AnswerSink> output_as_npy(const RunFacts& facts, size_t index,
                                          const std::string& path) {
  return std::make_unique<AsNpy>(facts, index, path);
}

}  // namespace vitro::host
