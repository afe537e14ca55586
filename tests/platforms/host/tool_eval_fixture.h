// SPDX-License-Identifier: Apache-2.0
// What the tests of `vitro eval` share: a program with ten named classes, twelve photos, labels,
// logits.
#pragma once

#include <string>
#include <vector>

#include "converter/base/npy.h"
#include "tests/support/tool_runner.h"

namespace vitro {

constexpr size_t kPhotos = 12, kClasses = 10;

class ToolEvalTest : public ToolTest {
 protected:
  void SetUp() override {
    ToolTest::SetUp();
    std::string names;
    for (const char* name :
         {"ant", "bee, insect", "cat", "dog", "eel", "fox", "gnu", "hen", "ibis", "jay"})
      names += name + std::string("\n");
    model_ = program("vit.vitro", {}, {"--labels", write("names.txt", names)});
    photos_ = pictures("photos", kPhotos);
  }

  Arguments eval(const Arguments& more) const {
    Arguments arguments = {"eval", "-m", model_, "--images", photos_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  /// The class that the program gives each photo.
  std::vector<int> named() const {
    std::vector<int> out;
    for (size_t i = 0; i < kPhotos; ++i)
      out.push_back(
          run_json({"run", "-m", model_, "-i", photos_ + "/" + std::to_string(i) + ".png"})
              .at("results")[0]
              .at("top")[0]
              .at("index"));
    return out;
  }

  std::string csv(const std::string& name, const std::vector<std::string>& labels) const {
    std::string text = "file,label\n";
    for (size_t i = 0; i < labels.size(); ++i)
      text += std::to_string(i) + ".png,\"" + labels[i] + "\"\n";
    return write(name, text);
  }

  /// Labels that are right only for the even photos.
  std::string half_right(const std::vector<int>& right) const {
    std::vector<std::string> labels;
    for (size_t i = 0; i < right.size(); ++i)
      labels.push_back(std::to_string((static_cast<size_t>(right[i]) + i % 2) % kClasses));
    return csv("half.csv", labels);
  }

  std::string expected(const std::string& name, const std::vector<std::vector<float>>& rows) const {
    NpyWriter writer(path(name), {rows[0].size()});
    for (const auto& row : rows) writer.append(row.data());
    writer.finish();
    return path(name);
  }

  std::string model_, photos_;
};

}  // namespace vitro
