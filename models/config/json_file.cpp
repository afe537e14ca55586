// SPDX-License-Identifier: Apache-2.0
#include "models/config/json_file.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "converter/base/error.h"
#include "converter/base/input_file.h"

namespace vitro::converter {

namespace {

using nlohmann::json;

// Descriptions of models, and names of some ten thousand classes. A value may take a hundred times
// its bytes when it is parsed.
constexpr size_t kMaxBytes = size_t{16} << 20, kMaxDepth = 64, kMaxValues = 500'000, kMaxShown = 60;
constexpr char kCopyAgain[] = "copy it again from where the model came from";

// Before the parser, which keeps a level of its own for each of the text's, and memory for each
// value.
void check_size(const std::string& path, const std::string& text) {
  size_t depth = 0, values = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kMaxDepth)
        throw InputError(path, "is nested deeper than " + std::to_string(kMaxDepth) + " levels",
                         kCopyAgain);
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    }
    if (!quoted && (c == ',' || c == '{' || c == '[') && ++values > kMaxValues)
      throw InputError(path, "has more than " + std::to_string(kMaxValues) + " values", kCopyAgain);
  }
}

json parse(const std::string& path) {
  const std::string text =
      read_file(path, kMaxBytes, "check the name and the permissions, or copy it again");
  check_size(path, text);
  try {
    return json::parse(text);
  } catch (const json::parse_error& error) {
    const size_t line =
        1 +
        static_cast<size_t>(std::count(
            text.begin(),
            text.begin() + static_cast<std::ptrdiff_t>(std::min(error.byte, text.size())), '\n'));
    throw InputError(path, "is not JSON, at line " + std::to_string(line), kCopyAgain);
  } catch (const json::exception&) {
    throw InputError(path, "has a number that is too large", kCopyAgain);
  }
}

std::string shown_key(const std::string& key) { return shown(key, kMaxShown); }

std::string name_of_class(const JsonObject& object, const std::string& key, const json& value) {
  if (!value.is_string())
    object.refuse(key, "names a class by something other than text", "give texts");
  const auto& text = value.get_ref<const std::string&>();
  if (text.find('\0') != std::string::npos)
    object.refuse(key, "has a name with a zero byte", "give texts");
  return text;
}

}  // namespace

JsonObject JsonObject::read(const std::string& path) { return JsonObject(parse(path), path); }

JsonObject::JsonObject(nlohmann::json root, const std::string& path)
    : file_(std::make_shared<const json>(std::move(root))), object_(file_.get()), path_(path) {
  if (!object_->is_object()) throw InputError(path, "is JSON, but not an object", kCopyAgain);
}

const json* JsonObject::find(const std::string& key) const {
  const auto at = object_->find(key);
  return at == object_->end() || at->is_null() ? nullptr : &*at;
}

bool JsonObject::has(const std::string& key) const { return find(key) != nullptr; }

std::vector<std::string> JsonObject::keys() const {
  std::vector<std::string> keys;
  for (const auto& item : object_->items())
    if (!item.value().is_null()) keys.push_back(item.key());
  return keys;
}

std::string JsonObject::source(const std::string& key) const {
  return file_name(path_) + ": " + prefix_ + shown_key(key);
}

std::string JsonObject::shown(const std::string& key) const {
  const json* value = find(key);
  return value
             ? vitro::shown(value->dump(-1, ' ', false, json::error_handler_t::replace), kMaxShown)
             : "null";
}

void JsonObject::refuse(const std::string& key, const std::string& fault,
                        const std::string& remedy) const {
  throw InputError(path_, prefix_ + shown_key(key) + " " + fault, remedy);
}

std::optional<JsonObject> JsonObject::object(const std::string& key) const {
  const json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_object()) refuse(key, "is " + shown(key) + ", not an object", kCopyAgain);
  return JsonObject(file_, value, path_, prefix_ + shown_key(key) + ".");
}

std::optional<std::string> JsonObject::text(const std::string& key) const {
  const json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_string()) refuse(key, "is " + shown(key) + ", not a text", kCopyAgain);
  return value->get<std::string>();
}

std::optional<bool> JsonObject::flag(const std::string& key) const {
  const json* value = find(key);
  if (!value) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  if (value->is_number_integer() && (*value == 0 || *value == 1)) return *value == 1;
  refuse(key, "is " + shown(key) + ", neither true nor false", kCopyAgain);
}

std::optional<double> JsonObject::number(const std::string& key, double low, double high) const {
  const json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) refuse(key, "is " + shown(key) + ", not a number", kCopyAgain);
  const double number = value->get<double>();
  if (!(number >= low && number <= high))
    refuse(key, "is " + shown(key) + ", which cannot be", kCopyAgain);
  return number;
}

std::optional<size_t> JsonObject::whole(const std::string& key, size_t low, size_t high) const {
  const std::optional<double> value =
      number(key, static_cast<double>(low), static_cast<double>(high));
  if (!value) return std::nullopt;
  if (*value != std::floor(*value))
    refuse(key, "is " + shown(key) + ", not a whole number", kCopyAgain);
  return static_cast<size_t>(*value);
}

std::optional<std::vector<double>> JsonObject::numbers(const std::string& key, double low,
                                                       double high) const {
  const json* value = find(key);
  if (!value) return std::nullopt;
  if (value->is_number()) return std::vector<double>{*number(key, low, high)};
  if (!value->is_array() || value->empty() || value->size() > 16)
    refuse(key, "is " + shown(key) + ", not a list of numbers", kCopyAgain);
  std::vector<double> numbers;
  for (const json& element : *value) {
    if (!element.is_number() || !(element.get<double>() >= low && element.get<double>() <= high))
      refuse(key, "is " + shown(key) + ", which cannot be", kCopyAgain);
    numbers.push_back(element.get<double>());
  }
  return numbers;
}

std::optional<std::vector<std::string>> JsonObject::names(const std::string& key) const {
  const json* value = find(key);
  if (!value) return std::nullopt;
  std::vector<std::string> names;
  if (value->is_array()) {
    for (const json& element : *value) names.push_back(name_of_class(*this, key, element));
    return names;
  }
  if (!value->is_object())
    refuse(key, "is " + shown(key) + ", neither a list of names nor numbered names", kCopyAgain);
  for (size_t i = 0; i < value->size(); ++i) {
    const auto at = value->find(std::to_string(i));
    if (at == value->end())
      refuse(key,
             "has " + std::to_string(value->size()) + " names, but none for class " +
                 std::to_string(i),
             "number the classes from 0 on, without a gap");
    names.push_back(name_of_class(*this, key, *at));
  }
  return names;
}

bool JsonObject::is_null(const std::string& key) const {
  const auto at = object_->find(key);
  return at != object_->end() && at->is_null();
}
bool JsonObject::is_object(const std::string& key) const {
  return has(key) && find(key)->is_object();
}
bool JsonObject::is_number(const std::string& key) const {
  return has(key) && find(key)->is_number();
}
bool JsonObject::is_list(const std::string& key) const { return has(key) && find(key)->is_array(); }
bool JsonObject::is_text(const std::string& key) const {
  return has(key) && find(key)->is_string();
}

bool looks_like_json(const std::string& path) {
  const std::string text = first_bytes(path, 256);
  size_t at = text.compare(0, 3, "\xEF\xBB\xBF") == 0 ? 3 : 0;
  while (at < text.size() && std::isspace(static_cast<unsigned char>(text[at]))) ++at;
  return at < text.size() && (text[at] == '{' || text[at] == '[');
}

std::vector<std::string> read_json_labels(const std::string& path) {
  json root = parse(path);
  if (root.is_object()) {
    const JsonObject config(root, path);
    for (const char* key : {"id2label", "label_names"})
      if (auto names = config.names(key)) return *names;
    if (!root.contains("0"))
      throw InputError(
          path, "is JSON without id2label, label_names or a list of names",
          "give a text file with one class a line, or a config.json that names its classes");
  }
  const JsonObject list({{"classes", std::move(root)}}, path);
  if (auto names = list.names("classes")) return *names;
  throw InputError(path, "is JSON that names no classes", "give a list of names");
}

}  // namespace vitro::converter
