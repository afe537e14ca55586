// SPDX-License-Identifier: Apache-2.0
// JSON beside a model's weights, which may come from anywhere: bounded before it is parsed, and
// every fault named by file and key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace vitro::converter {

/// An object of a JSON file. A key whose value is null counts as absent, as in Python's get(). All
/// of these throw InputError, naming file and key, on a value of another type or out of range.
class JsonObject {
 public:
  /// The file's root. Throws InputError on a file that cannot be read, is larger than 64 MiB, is no
  /// JSON, is nested deeper than 64, or is no object.
  static JsonObject read(const std::string& path);

  const std::string& path() const { return path_; }
  bool has(const std::string& key) const;
  std::vector<std::string> keys() const;
  /// "config.json: pretrained_cfg.mean": the file without its folders, and the whole way to the
  /// key.
  std::string source(const std::string& key) const;
  /// As it stands in the file, short and printable.
  std::string shown(const std::string& key) const;

  std::optional<JsonObject> object(const std::string& key) const;
  std::optional<std::string> text(const std::string& key) const;
  std::optional<bool> flag(const std::string& key) const;
  std::optional<double> number(const std::string& key, double low, double high) const;
  std::optional<size_t> whole(const std::string& key, size_t low, size_t high) const;
  /// A list of numbers; a number alone is a list of one.
  std::optional<std::vector<double>> numbers(const std::string& key, double low, double high) const;
  /// Names of classes: a list of texts, or an object whose keys are 0, 1, 2 ... without a gap.
  std::optional<std::vector<std::string>> names(const std::string& key) const;

  /// Whether the key is there and says null.
  bool is_null(const std::string& key) const;
  bool is_object(const std::string& key) const;
  bool is_number(const std::string& key) const;
  bool is_list(const std::string& key) const;
  bool is_text(const std::string& key) const;

  [[noreturn]] void refuse(const std::string& key, const std::string& fault,
                           const std::string& remedy) const;

 private:
  friend std::vector<std::string> read_json_labels(const std::string& path);
  JsonObject(nlohmann::json root, const std::string& path);
  JsonObject(std::shared_ptr<const nlohmann::json> file, const nlohmann::json* object,
             std::string path, std::string prefix)
      : file_(std::move(file)),
        object_(object),
        path_(std::move(path)),
        prefix_(std::move(prefix)) {}
  const nlohmann::json* find(const std::string& key) const;

  std::shared_ptr<const nlohmann::json> file_;  // keeps object_ alive
  const nlohmann::json* object_;
  std::string path_, prefix_;
};

/// Whether the file begins as JSON does: { or [ after white space.
bool looks_like_json(const std::string& path);

/// Names of classes in a JSON file: a list of texts; an object that numbers them; or a config.json
/// with id2label or label_names. Throws InputError.
std::vector<std::string> read_json_labels(const std::string& path);

}  // namespace vitro::converter
